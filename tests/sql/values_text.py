"""Values of answers as text."""
import datetime


def value(v):
    """A value as text, with its kind to be seen."""
    if v is None:
        return "NULL"
    if isinstance(v, bool):
        return str(v).lower()
    if isinstance(v, (bytes, bytearray)):
        return f"X'{bytes(v).hex()}'"
    if isinstance(v, datetime.datetime):
        return v.isoformat(sep=" ")
    if isinstance(v, dict):
        return "{" + ", ".join(sorted(f"{value(k)}: {value(x)}" for k, x in v.items())) + "}"
    if hasattr(v, "asDict"):
        return "(" + ", ".join(f"{k}={value(x)}" for k, x in zip(v.__fields__, v)) + ")"
    if isinstance(v, (list, tuple)):
        return "[" + ", ".join(map(value, v)) + "]"
    return repr(v) if isinstance(v, (str, float)) else str(v)
