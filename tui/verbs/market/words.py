"""What is sold, in words."""


def what_is_sold(sells: str, units: int) -> str:
    """What a listing is for; `sells` as listings spell it."""
    if sells == "title":
        return "the title"
    counted = f"{units:,} access unit{'' if units == 1 else 's'}"
    return f"the title and {counted}" if sells == "title+treasury" else counted
