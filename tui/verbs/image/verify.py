"""Asking the chain whether an image is what its owner released."""

from assets.services.read_models.image_views import VerificationView
from tui.verbs.image.judging import judged, view_of
from tui.verbs.image.reader_requests import Verify
from tui.verbs.reading import Reading


def verify(request: Verify, reading: Reading) -> VerificationView:
    """The verdict. Raises what `judged` raises."""
    place, answer = judged(request, reading)
    return view_of(answer, place)
