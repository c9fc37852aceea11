"""Larger models on a phone: ONNX Runtime's Java library, asked through pyjnius.

    found() in the main thread ─► JavaRuntime ─► Options(runtimes=(…,)) ─► JavaSession.run

There is no onnxruntime for Python on Android; there is the archive
`com.microsoft.onnxruntime:onnxruntime-android:1.28.0`, which holds the same engine. Behind the seam
`web3rec.rerank.bundle.runtime` it answers what onnxruntime answers. Small models run in NumPy and
load none of this. Nothing here is imported by web3rec, and where there is no pyjnius nothing is
loaded.
"""

from mobile.java_onnx.runtime import JavaRuntime, found

__all__ = ["JavaRuntime", "found"]
