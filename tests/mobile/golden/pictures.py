"""Which pictures are committed: every sample as a small phone shows it, and two as a sharp one."""

from pathlib import Path
from typing import Final

from mobile.samples import SAMPLES
from mobile.screenshots import LARGE_TEXT, LYING, PHONE, SMALL, Picture
from mobile.viewmodel import Scheme

GOLDEN: Final = Path(__file__).resolve().parent

WANTED: Final = (
    *(Picture(sample, Scheme.LIGHT, SMALL) for sample in SAMPLES),
    *(Picture(sample, Scheme.DARK, SMALL) for sample in SAMPLES),
    *(Picture(sample, Scheme.LIGHT, LARGE_TEXT) for sample in SAMPLES),
    Picture("for you", Scheme.LIGHT, PHONE),
    Picture("network", Scheme.DARK, PHONE),
    Picture("for you", Scheme.DARK, LYING),
)
