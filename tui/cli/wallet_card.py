"""A wallet's public facts, as create, restore and show answer with them."""

from dataclasses import asdict
from pathlib import Path

from assets.services.read_models.wallet_views import WalletCard
from tui.cli.output import Output, fields


def card_output(card: WalletCard, *, words_file: Path | None = None) -> Output:
    """The card; `words_file` is named where the recovery words were written to one."""
    data = asdict(card)
    if words_file is not None:
        data["words_file"] = str(words_file)
    return Output(
        data=data,
        text=fields(
            (
                ("wallet", card.name),
                ("network", card.network),
                ("fingerprint", card.fingerprint),
                ("first address", card.address),
                ("first unit address", card.unit_address),
                ("birth height", str(card.birth_height)),
            )
        ),
    )
