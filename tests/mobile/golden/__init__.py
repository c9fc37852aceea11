"""How every screen looked when it was last looked at; `python -m tests.mobile.golden` renews."""
