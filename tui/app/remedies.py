"""What the app says for each remedy: a key and the place where it works.

A name in square brackets is that of a command, whose key, label and place are put there: keys come from the one list.
"""

import re
from functools import cache

from assets.remedies import ImageRemedy
from tui.app.commands import COMMANDS, EVERYWHERE, Command
from wallet.advice import Prose, Remedy
from wallet.remedies import WalletRemedy

_NAMED = re.compile(r"\[([a-z-]+)\]")
_GO = "go-"

WORDS: dict[Remedy, str] = {
    WalletRemedy.CHOOSE_BACKUP: "choose a file that [backup] wrote",
    WalletRemedy.WAIT_FOR_NODE: "wait for it; [doctor] shows how far it is",
    WalletRemedy.SET_FEE_RATE: "set the rate yourself, in sat/vB, in the field for it",
    WalletRemedy.START_NODE: "start bitcoind for {network}; the network is chosen when the app is started",
    WalletRemedy.GRANT_THERE: "send access units to it with [grant]; for bitcoin ask for a Bitcoin address",
    WalletRemedy.WANT_UNIT_ADDRESS: (
        "a wallet that knows nothing of units would burn them as fees; ask the receiver for a unit address ({hrp}1...)"
    ),
    WalletRemedy.SEND_FINISHED: "send it with [psbt], which shows what it does first",
    WalletRemedy.SHOW_PUBLIC: "where the keys are, on the command line: dockchains wallet show --json > public.json",
    WalletRemedy.RECEIVE_BITCOIN: "receive bitcoin at an address of [go-receive]",
    WalletRemedy.SEE_HISTORY: "see [go-transactions]",
    WalletRemedy.SIGN_ELSEWHERE: (
        "[for-a-cold-key] leaves a draft for them; where they are, it is signed with [psbt], and what is no draft "
        "runs there"
    ),
    WalletRemedy.CREATE_OR_RESTORE: "[make-wallet] makes or restores one",
    WalletRemedy.RESTORE_UNDER_NEW_NAME: (
        "[make-wallet] brings keys and coins back from the words under a new name, labels not"
    ),
    ImageRemedy.SYNC: "[sync] brings the index to the tip",
    ImageRemedy.SYNC_AND_RETRY: "the chain changed meanwhile: [sync], and try again",
    ImageRemedy.SYNC_INSTEAD: "sync the index ([sync])",
    ImageRemedy.REINDEX: "[reindex] reads the index anew",
    ImageRemedy.REINDEX_FROM: "set index_start to {height} with [set], then [reindex]",
    ImageRemedy.REINDEX_OR_ACCEPT: (
        "set index_start to {wanted} with [set], then [reindex]; or do with it: set index_start to {start}"
    ),
    ImageRemedy.REINDEX_FROM_THERE: "[reindex] reads it anew from there on",
    ImageRemedy.CHECK_NETWORK: (
        "check the network that the app was started with, and the node's address in [go-settings]"
    ),
    ImageRemedy.NEEDS_TXINDEX: "the node needs -txindex=1 and must not be pruned; [doctor] tells more",
    ImageRemedy.TRY_AGAIN_AT_ONE_TIP: "try again in a moment; [go-overview] shows both",
    ImageRemedy.SEE_STATUS: "see [go-overview]",
    ImageRemedy.LATE_INDEX: "an index that starts late does not see it: [go-overview] shows its first block",
    ImageRemedy.WAIT_FOR_INDEX: "wait for it; [go-overview] shows how far it is",
    ImageRemedy.MOVE_INDEX_AWAY: "move it away, then [sync]: everything in it comes back from the chain",
    ImageRemedy.OWN_INDEX_FILE: (
        "each network has a file of its own: check the network that the app was started with, or move that file away"
    ),
    ImageRemedy.DOCTOR: "have the node examined: [doctor]",
    ImageRemedy.DOCTOR_THEN_REINDEX: "have the node examined ([doctor]), and then [reindex]",
    ImageRemedy.ASK_FOR_EVIDENCE: "ask the publisher for it, or sync the index ([sync])",
    ImageRemedy.NAME_GENESIS_OR_SYNC: "give the genesis, or sync the index ([sync]) and ask it",
    ImageRemedy.SEE_COINS: "[go-coins] shows what each coin waits for",
    ImageRemedy.LIST_COINS: "[go-coins] lists them",
    ImageRemedy.LOOK_AT_COINS: "see [go-coins]",
    ImageRemedy.FREE_COINS: "[go-coins] shows what holds them; wait, or free them there with [freeze]",
    ImageRemedy.FREE_COINS_OR_TITLE_ALONE: (
        "wait for the next block or free them ([go-coins] shows them), or give the title alone"
    ),
    ImageRemedy.UNFREEZE: "free it with [freeze]",
    ImageRemedy.FREE_OTHER_COLORS: "look at [go-coins], and free what holds nothing else there with [freeze]",
    ImageRemedy.UNFREEZE_OTHER_COLOR: "if there is nothing on it, or you give it up: free {coin} with [freeze]",
    ImageRemedy.SEND_OR_DISCARD: "[psbt] sends it once it is signed, or gives it up ({txid})",
    ImageRemedy.FINISH_OR_CANCEL: "finish or cancel that first; [go-coins] and [go-transactions] show it",
    ImageRemedy.BUMP: "speed that one up: [bump] ({txid})",
    ImageRemedy.BUMP_LAST: "bump the last one, {txid}, which pays for those before it too: [bump]",
    ImageRemedy.BUMP_OWN: "speed up your own transactions with [bump]",
    ImageRemedy.BUMP_TO_HURRY: "to hurry that: [bump]",
    ImageRemedy.BUMP_REVOKE: "it counts from the mempool on; to hurry it: [bump]",
    ImageRemedy.HIGHER_FEE_RATE: "say a higher fee rate",
    ImageRemedy.SAY_AGAIN: (
        "there is nothing more to do, see [go-transactions]; a second time it is done after a second yes"
    ),
    ImageRemedy.ONLY_OWN_REPLACED: "only a wallet's own transactions can be replaced; see [go-transactions]",
    ImageRemedy.NAME_REPLACED: "if this one is to take its place, say so: {txid} in the field for what it replaces",
    ImageRemedy.NAME_HAND_OVER: "if you hand the repository over, say so in the field for it",
    ImageRemedy.NAME_GIVING_AWAY: "if you mean to give them away, say so in the field for it",
    ImageRemedy.ACCEPT_UNJUDGED: (
        "look at it where a node answers; on the command line what cannot be told here is accepted with --unjudged"
    ),
    ImageRemedy.TAKE_BACK_LISTING: "take it back first: [take-back] ({listing})",
    ImageRemedy.LOTS_MOVE_BY: "only sales and [take-back] move it",
    ImageRemedy.RELIST: "list anew with [sell]",
    ImageRemedy.OWN_ADDRESS: "pay to one made by [go-receive]",
    ImageRemedy.UNIT_ADDRESS: "make one with [new-address]",
    ImageRemedy.PIN_IMAGES: "pin those that it serves: [pin]",
    ImageRemedy.PIN_SERVED: "pin the repositories that the gate is to serve: [pin]",
    ImageRemedy.PIN_FIRST: "pin it first: [pin] ({name})",
    ImageRemedy.PIN_TO_SERVE: "only what is pinned is served, whatever vouched when it was pulled: [pin]",
    ImageRemedy.LIST_PINS: "[go-settings] lists what is",
    ImageRemedy.UNPIN: "if you are sure that it changed for good: unpin {name} ([unpin]), then pin it again",
    ImageRemedy.NAME_AUTHORS: "[pin] names the earlier owners whose tags still stand ({name})",
    ImageRemedy.ACCEPT_AUTHOR: "accept that by naming {author} when you pin",
    ImageRemedy.ACCEPT_OWNER: "if you accept the new owner, pin it again: [pin]",
    ImageRemedy.ACCEPT_OWNER_TOO: "if you accept the new owner, say that as well when you pin: [pin]",
    ImageRemedy.PIN_WITHOUT_ACCEPTING: "pin it first: [pin]",
    ImageRemedy.GIVE_GENESIS: "give the genesis",
    ImageRemedy.ASK_FOR_GENESIS: "ask the publisher for the genesis txid, and give it",
    ImageRemedy.LOOK_AT_GENESES: "on the chain it is claimed by {geneses}: look with [look-up]",
    ImageRemedy.SAY_WHICH_GENESIS: (
        "open it from the list, or give its genesis in place of the name; a name alone is never enough, since anybody"
        " can issue one and give it to you"
    ),
    ImageRemedy.SEE_OWNED: "only its present owner can write records; [go-repositories] shows what this wallet holds",
    ImageRemedy.CHECK_NAME: "check the name; [go-repositories] shows what this wallet holds",
    ImageRemedy.ISSUE_ONE: "issue one with [issue] ({name}); [go-repositories] shows what it holds",
    ImageRemedy.SEE_ISSUED: "[go-repositories] shows what was issued",
    ImageRemedy.MAKE_KNOWN: "[look-up] makes the name known here",
    ImageRemedy.CANCEL_ISSUE: "the coin is set apart: get it back with [cancel-issue], then issue again",
    ImageRemedy.SEE_RIVAL: "a second one would only be a rival; see it with [look-up]: {name}, genesis {genesis}",
    ImageRemedy.ISSUE_UNPUBLISHED: "move what is there to another tag, or issue without publishing the definition",
    ImageRemedy.PUBLISH_BEHIND_GATE: (
        "a registry behind a gate takes the definition once the gate knows the genesis: issue without publishing it, "
        "export the gate's file ([export-gate]), log in, then publish it from the page of {name}: [publish]"
    ),
    ImageRemedy.PUBLISH_AGAIN: "is the registry up? Its owner can publish it again: [publish]",
    ImageRemedy.PUBLISH_ANEW: "push the definition anew with [publish]",
    ImageRemedy.DOCUMENT_WHOLE: "give a whole new one on the command line: dockchains image define --document FILE",
    ImageRemedy.NAME_GATE: "define it anew with the gate {origin}: [define] ({name})",
    ImageRemedy.GRANT_UNITS: "for access units use [grant]",
    ImageRemedy.SELL_INSTEAD: "a sale by [sell-this] does",
    ImageRemedy.PULL_ONE_PLATFORM: "pull one platform, named in its field",
    ImageRemedy.CHOOSE_PLATFORM: "choose the platform: {platforms}",
    ImageRemedy.FREE_PLATFORM: "the field for the platform takes one of them",
    ImageRemedy.WITHOUT_PLATFORM: "leave the platform empty and verify it as it is",
    ImageRemedy.WRITE_PROOF: "do not use it; the file for a proof holds what shows it to anybody",
    ImageRemedy.EXPECT_PROOF: "expected a proof as [pull] writes it",
    ImageRemedy.PROOF_IS: "a proof is what [pull] writes where a seal is broken",
    ImageRemedy.OPEN_ON_THE_WAY: (
        "open it on the way (not kept sealed), or hand it on to oci:DIR or a name in a registry"
    ),
    ImageRemedy.TO_LAYOUT: "pull it to oci:DIR",
    ImageRemedy.TO_ARCHIVE_OR_LAYOUT: "pull it to docker-archive:FILE, or to oci:DIR",
    ImageRemedy.ASK_REGISTRIES: "serve it where registries are asked",
    ImageRemedy.ASK_TO_SEAL: "ask the publisher to seal it: [seal]",
    ImageRemedy.KEEP_SEALED: "where it is sealed, pull it and keep it sealed to share that form",
    ImageRemedy.FORGET_IMAGES: "make room; images that were pulled are dropped with [forget]",
    ImageRemedy.RELEASE_SEALED: "release it ([release]), then seal it ([seal])",
    ImageRemedy.GIVE_KEY_OUT: "give the file of a key that was written out",
    ImageRemedy.GIVE_P256_KEY: "give the file of a key that was written out: P-256, PKCS#8",
    ImageRemedy.EXPECT_KEY: (
        'expected 64 hexadecimal digits, a key that was written out, or {{"genesis":...,"secret":...}}'
    ),
    ImageRemedy.GET_KEY: (
        "holders of an access unit log in at the gate: [log-in] ({name}); its owner opens it with the wallet that "
        "sealed it; else give the key's file"
    ),
    ImageRemedy.GIVE_DIGEST: "it has the digests of several builds ({builds}): give the digest that you mean",
    ImageRemedy.OTHER_EPOCH: "generation {generation} is another key",
    ImageRemedy.NEW_EPOCH: "another epoch",
    ImageRemedy.SEAL_NEW_EPOCH: "if this seals with it (epoch {epoch}), take a new one: epoch {next}",
    ImageRemedy.SAME_EPOCH: "if it was sealed with a secret of a chosen epoch, choose that epoch again",
    ImageRemedy.NO_EPOCH: "leave the epoch empty, and a new secret is used",
    ImageRemedy.LOG_IN: "log in: [log-in]",
    ImageRemedy.LOG_IN_FIRST: "log in first: [log-in]",
    ImageRemedy.LOG_IN_AGAIN: "log in again: [log-in]",
    ImageRemedy.CHECK_HELPER: "is docker-credential-dockchains installed? Otherwise log in again: [log-in]",
    ImageRemedy.REMOVE_AND_LOG_IN: "remove the file, then log in: [log-in]",
    ImageRemedy.LOG_IN_AT_REGISTRY: (
        "log in first: docker login {host} (or skopeo login, podman login), or with the wallet that holds access: "
        "[log-in] ({name}); or the repository does not exist"
    ),
    ImageRemedy.LOGIN_LACKS_RIGHT: (
        "it may lack the right: after buying access, log in again with the wallet: [log-in] ({name}); or with an "
        "account that may: docker login {host}; or the repository does not exist"
    ),
    ImageRemedy.WHICH_GATE: "ask the publisher which gate is right; [log-out] ends the login",
    ImageRemedy.END_LOGIN: "end that first: [log-out] ({image})",
    ImageRemedy.SEE_LOGINS: "[go-access] lists the logins",
    ImageRemedy.SAY_WHICH_LOGIN: "say which: {images}",
    ImageRemedy.NO_LOGIN_NEEDED: "open images are pulled without a login; [pull] verifies them on the way",
    ImageRemedy.BUY_ACCESS: "see what is for sale of {name}: [go-market]; then log in again",
    ImageRemedy.SEE_HOLDINGS: "a unit counts once a block has it; [go-overview] shows what you hold",
    ImageRemedy.EXPORT_GATE: "export it again: [export-gate]",
    ImageRemedy.EXPORT_GATE_AFTER_SEALING: (
        "the publisher exports the gate's bundle again after sealing: [export-gate]"
    ),
    ImageRemedy.EXPORT_GATE_KEEPING_KEY: (
        "export the gate's file again with the same key ([export-gate]), then start the gate again with it"
    ),
    ImageRemedy.ONE_REGISTRY: "a gate serves one registry: say which",
    ImageRemedy.TRUST_AUTHORITY: (
        "if it is your own registry's, trust its authority's certificate, a PEM file: registry_ca_file in [go-settings]"
    ),
    ImageRemedy.PROXY_WITH_TLS: "put a proxy with TLS in front of it, and say so where it is started: --proxied",
    ImageRemedy.LISTEN_ELSEWHERE: "choose another where it is started: --listen",
    ImageRemedy.OTHER_JOURNAL: "name another where the shop is started: --journal",
    ImageRemedy.CHECK_LOCK: "check the lock file that is named, and DOCKCHAINS_LOCK",
    ImageRemedy.EXPORT_SHOP: "export it again: [export-shop]",
    ImageRemedy.REVIVE_SHOP: "stop the shop, bring its lots back with [take-back], and export it anew",
    ImageRemedy.LOTS_BACK: "bring the lots back with [take-back]",
    ImageRemedy.LOTS_BACK_FIRST: "bring the lots back with [take-back] first",
    ImageRemedy.MAKE_LOTS_OR_BACK: "make new ones, or bring lots back: [take-back]",
    ImageRemedy.LOTS_BACK_OR_KEEP: "bring them back with [take-back], or acknowledge them in the form",
    ImageRemedy.SELL_WITHOUT_TREASURY: "wait for the next block, or sell without the treasury",
    ImageRemedy.SAY_PRICE: "say the price: [sell]",
    ImageRemedy.MAKE_LOTS: "make and list lots with [sell]",
    ImageRemedy.LIST_TOGETHER: "list them again together: [sell]",
    ImageRemedy.SEE_LISTINGS: "is it for another wallet? [go-market] shows your listings",
    ImageRemedy.SEE_BIDS: "[go-market] shows yours",
    ImageRemedy.SEE_OFFER_IDS: "[go-market] lists them",
    ImageRemedy.SEE_WHAT_BECAME: "[go-market] says what became of it",
    ImageRemedy.SEE_WHAT_IS_LISTED: "[go-market] shows what is listed",
    ImageRemedy.BID_TO_SHOP: "send the bid to the shop, or take the lot back with [take-back]",
    ImageRemedy.TAKE_BACK_OR_OTHER_WALLET: "take it back with [take-back], or buy from another wallet",
    ImageRemedy.TAKE_BACK_BID: "[take-back] ({bid})",
    ImageRemedy.ASK_SHOP: (
        "open bid {bid} and ask the shop {shop} (GET {shop}/v1/bids/{id}): [ask-shop]; hand over the same bid again, "
        "which gets the same answer: [send-paper]; or take it back: [take-back]"
    ),
    ImageRemedy.HAND_OVER_TO_BUYER: "[hand-secret] ({txid})",
    ImageRemedy.TAKE_IN_FROM_SELLER: "[take-secret]",
    ImageRemedy.EXPECT_HANDED_OVER: "expected what [hand-secret] wrote",
    WalletRemedy.OTHER_NAME: "choose another name",
    ImageRemedy.OTHER_NETWORK: "start the app for {network}: dockchains --network {network}",
    ImageRemedy.SEE_LABELS: "[go-coins] shows them",
    ImageRemedy.REMOVE_LABEL: "an empty text takes a label away",
    ImageRemedy.OWN_RECEIVER: "choose an address that [go-receive] gave you",
    ImageRemedy.OWN_RECEIVER_OR_WALLET: "choose an address that [go-receive] gave you, or another wallet ([wallets])",
    ImageRemedy.SIGN_BY_COMMAND: "make it where it belongs: [log-in], [sell], [buy]",
}

_PAGES = {
    "repository": "the repository's page",
    "paper": "the bid's page",
    "review": "the review",
    "unlock": "the list of wallets",
}
"""Places that no key of the list goes to, in words."""


def words(text: Prose) -> str:
    """A text as the app says it."""
    return text if isinstance(text, str) else text.worded(words_of)


def words_of(remedy: Remedy) -> str:
    """The words of a remedy, with the keys in their places."""
    return _NAMED.sub(lambda found: _shown(_commands()[found[1]]), WORDS[remedy])


@cache
def _commands() -> dict[str, Command]:
    return {one.name: one for one in COMMANDS}


def _shown(command: Command) -> str:
    """A command as it is found: its label, its key, and where it works."""
    key = command.keys.partition(",")[0].replace("+", " ").upper() if len(command.keys) > 1 else command.keys
    if command.place == EVERYWHERE:
        return f"{command.label} ({key})"
    there = _commands().get(_GO + command.place)
    place = _PAGES[command.place] if there is None else f"{there.label} ({there.keys})"
    return f"{command.label} ({key}) in {place}"
