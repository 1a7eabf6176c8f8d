"""A proposed pin as both front ends show it."""

from assets.services.chain.image_words import asset_text, genesis_view, pin_view, tag_text
from assets.services.read_models.image_views import PinProposalView
from assets.services.trust.pinning import PinProposal
from wallet.network import Network


def proposal_view(proposal: PinProposal, network: Network) -> PinProposalView:
    """`issuer` and `description` are the registry's words and prove nothing."""
    state, fields = proposal.state, proposal.definition.fields if proposal.definition is not None else None
    return PinProposalView(
        pin=pin_view(proposal.pin, network),
        known=proposal.is_known,
        asset=asset_text(state.genesis.asset, network),
        access_units=state.genesis.units,
        tags=tuple(tag_text(binding) for binding in state.tags()),
        issuer=fields.issuer if fields is not None else "",
        description=fields.description if fields is not None else "",
        confirmations=proposal.confirmations,
        rivals=tuple(genesis_view(fact, network) for fact in proposal.rivals),
        warnings=proposal.warnings,
    )
