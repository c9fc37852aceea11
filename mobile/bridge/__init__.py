"""Between the screens and the SDK: wishes become acts, the log becomes a State. No Kivy here."""

from mobile.bridge.bridge import Bridge

__all__ = ["Bridge"]
