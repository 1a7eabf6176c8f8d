"""What the command line says for each remedy: a command, or an option of the one that was typed."""

from assets.remedies import ImageRemedy
from wallet.advice import Prose, Remedy, worded
from wallet.remedies import WalletRemedy

WORDS: dict[Remedy, str] = {
    WalletRemedy.CHOOSE_BACKUP: "choose the file that `wallet backup` wrote",
    WalletRemedy.WAIT_FOR_NODE: "wait for it; `dockchains chain doctor` shows how far it is",
    WalletRemedy.SET_FEE_RATE: "set the rate yourself, in sat/vB, with --fee-rate",
    WalletRemedy.START_NODE: "start bitcoind for {network}, or choose another network with --network",
    WalletRemedy.GRANT_THERE: "send access units to it with `access grant`; for bitcoin ask for a Bitcoin address",
    WalletRemedy.WANT_UNIT_ADDRESS: (
        "a wallet that knows nothing of units would burn them as fees; ask the receiver for a unit address "
        "({hrp}1...), or insist with --plain-address"
    ),
    WalletRemedy.SEND_FINISHED: (
        "send it with `dockchains wallet sign --broadcast FILE`, which shows what it does first"
    ),
    WalletRemedy.SHOW_PUBLIC: "where the keys are: dockchains wallet show --json > public.json",
    WalletRemedy.RECEIVE_BITCOIN: "receive bitcoin with `dockchains wallet receive`",
    WalletRemedy.SEE_HISTORY: "see `dockchains wallet history`",
    WalletRemedy.SIGN_ELSEWHERE: (
        "a command that has --psbt FILE leaves its transaction for them, and `wallet sign` signs it there; any other "
        "runs where they are"
    ),
    WalletRemedy.CREATE_OR_RESTORE: "run `dockchains wallet create` or `dockchains wallet restore`",
    WalletRemedy.RESTORE_UNDER_NEW_NAME: (
        "`dockchains wallet restore --wallet NEW-NAME` brings keys and coins back from the words, labels not"
    ),
    ImageRemedy.SYNC: "run `dockchains chain sync`",
    ImageRemedy.SYNC_AND_RETRY: "the chain changed meanwhile: run `dockchains chain sync` and try again",
    ImageRemedy.SYNC_INSTEAD: "sync an index (`dockchains chain sync`)",
    ImageRemedy.REINDEX: "run `dockchains chain reindex`",
    ImageRemedy.REINDEX_FROM: "run `dockchains chain reindex --from {height}`",
    ImageRemedy.REINDEX_OR_ACCEPT: (
        "run `dockchains chain reindex --from {wanted}`, or do with it: `dockchains settings set index_start {start}`"
    ),
    ImageRemedy.REINDEX_FROM_THERE: "`dockchains chain reindex` reads it anew from there on",
    ImageRemedy.CHECK_NETWORK: "check --network and the node's address",
    ImageRemedy.NEEDS_TXINDEX: (
        "the node needs -txindex=1 and must not be pruned; `dockchains chain doctor` tells more"
    ),
    ImageRemedy.TRY_AGAIN_AT_ONE_TIP: "try again in a moment; `dockchains chain status` shows both",
    ImageRemedy.SEE_STATUS: "see `dockchains chain status`",
    ImageRemedy.LATE_INDEX: "an index that starts late does not see it: `dockchains chain status`",
    ImageRemedy.WAIT_FOR_INDEX: "wait for it; `dockchains chain status` shows how far it is",
    ImageRemedy.MOVE_INDEX_AWAY: (
        "move it away and run `dockchains chain sync`: everything in it comes back from the chain"
    ),
    ImageRemedy.OWN_INDEX_FILE: "each network has a file of its own: check --network, or move that file away",
    ImageRemedy.DOCTOR: "run `dockchains chain doctor`",
    ImageRemedy.DOCTOR_THEN_REINDEX: "run `dockchains chain doctor` and then `chain reindex`",
    ImageRemedy.ASK_FOR_EVIDENCE: (
        "ask the publisher for it (`dockchains image publish NAME --evidence`), or sync an index"
    ),
    ImageRemedy.NAME_GENESIS_OR_SYNC: (
        "give the genesis with --genesis, or sync an index (`dockchains chain sync`) and ask it"
    ),
    ImageRemedy.SEE_COINS: "`dockchains wallet coins` shows what each coin waits for",
    ImageRemedy.LIST_COINS: "`dockchains wallet coins` lists them",
    ImageRemedy.LOOK_AT_COINS: "see `dockchains wallet coins`",
    ImageRemedy.FREE_COINS: (
        "`dockchains wallet coins` shows what holds them; wait, or free them with `dockchains wallet unfreeze`"
    ),
    ImageRemedy.FREE_COINS_OR_TITLE_ALONE: (
        "wait for the next block or free them (`dockchains wallet coins` shows them), or give the title alone with "
        "--no-treasury"
    ),
    ImageRemedy.UNFREEZE: "free it with `dockchains wallet unfreeze`",
    ImageRemedy.FREE_OTHER_COLORS: (
        "look at `dockchains wallet coins`, and free what holds nothing else: `dockchains wallet unfreeze COIN`"
    ),
    ImageRemedy.UNFREEZE_OTHER_COLOR: (
        "if there is nothing on it, or you give it up: dockchains wallet unfreeze {coin}"
    ),
    ImageRemedy.SEND_OR_DISCARD: (
        "send it once it is signed (`dockchains wallet sign FILE --broadcast`), or give it up with `dockchains wallet"
        " sign --discard {txid}`"
    ),
    ImageRemedy.FINISH_OR_CANCEL: (
        "finish or cancel that first; `dockchains wallet coins` and `wallet history` show it"
    ),
    ImageRemedy.BUMP: "speed that one up: dockchains wallet bump {txid}",
    ImageRemedy.BUMP_LAST: "bump the last one, which pays for those before it too: dockchains wallet bump {txid}",
    ImageRemedy.BUMP_OWN: "speed up your own transactions with `dockchains wallet bump`",
    ImageRemedy.BUMP_TO_HURRY: "to hurry that: dockchains wallet bump TXID",
    ImageRemedy.BUMP_REVOKE: "it counts from the mempool on; to hurry it: dockchains wallet bump",
    ImageRemedy.HIGHER_FEE_RATE: "say a higher --fee-rate",
    ImageRemedy.SAY_AGAIN: (
        "there is nothing more to do, see `dockchains wallet history`; to do it a second time, say --again"
    ),
    ImageRemedy.ONLY_OWN_REPLACED: (
        "only a wallet's own transactions can be replaced; see `dockchains wallet history`"
    ),
    ImageRemedy.NAME_REPLACED: "if this one is to take its place, say so: --replaces {txid}",
    ImageRemedy.NAME_HAND_OVER: "if you hand the repository over, say --hand-over",
    ImageRemedy.NAME_GIVING_AWAY: "if you mean to give them away, say --hand-over",
    ImageRemedy.ACCEPT_UNJUDGED: "look at it where a node answers, or accept what cannot be told here: --unjudged",
    ImageRemedy.TAKE_BACK_LISTING: "take it back first: dockchains market cancel {listing}",
    ImageRemedy.LOTS_MOVE_BY: "only sales and `dockchains market cancel` move it",
    ImageRemedy.RELIST: "list anew with `dockchains market sell --relist`",
    ImageRemedy.OWN_ADDRESS: "pay to one made by `wallet receive`",
    ImageRemedy.UNIT_ADDRESS: "make one with: dockchains wallet receive --units",
    ImageRemedy.PIN_IMAGES: "pin those that it serves: dockchains image pin",
    ImageRemedy.PIN_SERVED: "pin the repositories that the gate is to serve: dockchains image pin NAME",
    ImageRemedy.PIN_FIRST: "pin it first: dockchains image pin {name}",
    ImageRemedy.PIN_TO_SERVE: (
        "only what is pinned is served, whatever vouched when it was pulled: dockchains image pin NAME"
    ),
    ImageRemedy.LIST_PINS: "`dockchains image pins` lists what is",
    ImageRemedy.UNPIN: "if you are sure that it changed for good: dockchains image unpin {name}, then pin it again",
    ImageRemedy.NAME_AUTHORS: "`dockchains image pin {name}` names the earlier owners whose tags still stand",
    ImageRemedy.ACCEPT_AUTHOR: "accept that with --accept-author {author}",
    ImageRemedy.ACCEPT_OWNER: "if you accept the new owner, pin it with --accept-owner",
    ImageRemedy.ACCEPT_OWNER_TOO: "if you accept the new owner, say --accept-owner as well",
    ImageRemedy.PIN_WITHOUT_ACCEPTING: "pin it first, without --accept-owner",
    ImageRemedy.GIVE_GENESIS: "give the genesis with --genesis",
    ImageRemedy.ASK_FOR_GENESIS: "ask the publisher for the genesis txid, and give it with --genesis",
    ImageRemedy.LOOK_AT_GENESES: "on the chain it is claimed by {geneses}: look with --genesis",
    ImageRemedy.SAY_WHICH_GENESIS: (
        "say which one with --genesis TXID (in the app: open it from the list, or give its genesis in place of the "
        "name); a name alone is never enough, since anybody can issue one and give it to you"
    ),
    ImageRemedy.SEE_OWNED: (
        "only its present owner can write records; `dockchains image list` shows what this wallet holds"
    ),
    ImageRemedy.CHECK_NAME: "check the name; `dockchains image list` shows what this wallet holds",
    ImageRemedy.ISSUE_ONE: (
        "issue one with: dockchains image issue {name}; `dockchains image list` shows what it holds"
    ),
    ImageRemedy.SEE_ISSUED: "`dockchains image list` shows what was issued",
    ImageRemedy.MAKE_KNOWN: "`dockchains image show NAME` makes the name known here",
    ImageRemedy.CANCEL_ISSUE: (
        "the coin is set apart: get it back with `dockchains image issue --cancel`, then issue again"
    ),
    ImageRemedy.SEE_RIVAL: (
        "a second one would only be a rival; see: dockchains image show {name} --genesis {genesis}"
    ),
    ImageRemedy.ISSUE_UNPUBLISHED: "move what is there to another tag, or issue with --no-publish",
    ImageRemedy.PUBLISH_BEHIND_GATE: (
        "a registry behind a gate takes the definition once the gate knows the genesis: issue with --no-publish, "
        "export the gate's bundle, log in, then: dockchains image publish {name}"
    ),
    ImageRemedy.PUBLISH_AGAIN: "is the registry up? Its owner can publish it again: dockchains image publish",
    ImageRemedy.PUBLISH_ANEW: "push the definition anew with `dockchains image publish`",
    ImageRemedy.DOCUMENT_WHOLE: "give a whole new one with --document",
    ImageRemedy.NAME_GATE: "dockchains image define {name} --gate {origin}",
    ImageRemedy.GRANT_UNITS: "for access units use `dockchains access grant`",
    ImageRemedy.SELL_INSTEAD: "a sale by `dockchains market sell` does",
    ImageRemedy.PULL_ONE_PLATFORM: "pull one platform with --platform",
    ImageRemedy.CHOOSE_PLATFORM: "choose with --platform: {platforms}",
    ImageRemedy.FREE_PLATFORM: "--platform OS/ARCH takes one of them",
    ImageRemedy.WITHOUT_PLATFORM: "leave out --platform and verify it as it is",
    ImageRemedy.WRITE_PROOF: "do not use it; --proof FILE writes down what shows it to anybody",
    ImageRemedy.EXPECT_PROOF: "expected what `dockchains image pull --proof FILE` wrote",
    ImageRemedy.PROOF_IS: "a proof is what `dockchains image pull --proof FILE` wrote",
    ImageRemedy.OPEN_ON_THE_WAY: (
        "open it on the way (without --keep-sealed), or hand it on --to oci:DIR or a name in a registry"
    ),
    ImageRemedy.TO_LAYOUT: "pull it --to oci:DIR",
    ImageRemedy.TO_ARCHIVE_OR_LAYOUT: "pull it --to docker-archive:FILE, or --to oci:DIR",
    ImageRemedy.ASK_REGISTRIES: "run without --offline",
    ImageRemedy.ASK_TO_SEAL: "ask the publisher to seal it: dockchains image seal",
    ImageRemedy.KEEP_SEALED: "where it is sealed, pull it with --keep-sealed to share that form",
    ImageRemedy.FORGET_IMAGES: "make room; images that were pulled are dropped with: dockchains image forget",
    ImageRemedy.RELEASE_SEALED: "release and seal it at once: dockchains image release --sealed",
    ImageRemedy.GIVE_KEY_OUT: "give what --key-out wrote",
    ImageRemedy.GIVE_P256_KEY: "give what --key-out wrote: P-256, PKCS#8",
    ImageRemedy.EXPECT_KEY: 'expected 64 hexadecimal digits, what --key-out wrote, or {{"genesis":...,"secret":...}}',
    ImageRemedy.GET_KEY: (
        "holders of an access unit log in at the gate: dockchains access login {name}; its owner names the wallet "
        "that sealed it (--wallet, --password-file); else give --key-file"
    ),
    ImageRemedy.GIVE_DIGEST: "it has the digests of several builds ({builds}): give the one you mean with --digest",
    ImageRemedy.OTHER_EPOCH: "generation {generation} (--generation) is another key",
    ImageRemedy.NEW_EPOCH: "another epoch (--epoch)",
    ImageRemedy.SEAL_NEW_EPOCH: (
        "if this seals with it (--epoch {epoch}), take a new one: `image seal --epoch {next}`"
    ),
    ImageRemedy.SAME_EPOCH: "if it was sealed with a secret chosen by --epoch, say that --epoch again",
    ImageRemedy.NO_EPOCH: "leave --epoch out, and a new secret is used",
    ImageRemedy.LOG_IN: "log in: dockchains access login IMAGE",
    ImageRemedy.LOG_IN_FIRST: "log in first: dockchains access login IMAGE",
    ImageRemedy.LOG_IN_AGAIN: "log in again: dockchains access login IMAGE",
    ImageRemedy.CHECK_HELPER: (
        "is docker-credential-dockchains installed? Otherwise log in again: dockchains access login IMAGE"
    ),
    ImageRemedy.REMOVE_AND_LOG_IN: "remove the file, then: dockchains access login IMAGE",
    ImageRemedy.LOG_IN_AT_REGISTRY: (
        "log in first: docker login {host} (or skopeo login, podman login), or with the wallet that holds access: "
        "dockchains access login {name}; or the repository does not exist"
    ),
    ImageRemedy.LOGIN_LACKS_RIGHT: (
        "it may lack the right: after buying access, log in again with the wallet: dockchains access login {name}; or"
        " with an account that may: docker login {host}; or the repository does not exist"
    ),
    ImageRemedy.WHICH_GATE: "ask the publisher which gate is right; `dockchains access logout` ends the login",
    ImageRemedy.END_LOGIN: "end that first: dockchains access logout {image}",
    ImageRemedy.SEE_LOGINS: "`dockchains access login` without IMAGE lists the logins",
    ImageRemedy.SAY_WHICH_LOGIN: "say which: {images}; or --all",
    ImageRemedy.NO_LOGIN_NEEDED: (
        "open images are pulled without a login; `dockchains image pull` verifies them on the way"
    ),
    ImageRemedy.BUY_ACCESS: "see what is for sale: dockchains market offers {name}; then log in again",
    ImageRemedy.SEE_HOLDINGS: "a unit counts once a block has it; `dockchains wallet balance` shows what you hold",
    ImageRemedy.EXPORT_GATE: "export it again: dockchains access export-gate",
    ImageRemedy.EXPORT_GATE_AFTER_SEALING: (
        "the publisher exports the gate's bundle again after sealing: dockchains access export-gate"
    ),
    ImageRemedy.EXPORT_GATE_KEEPING_KEY: (
        "dockchains access export-gate FILE --keep-key, then start the gate again with that FILE"
    ),
    ImageRemedy.ONE_REGISTRY: "a gate serves one registry: say which with --registry HOST",
    ImageRemedy.TRUST_AUTHORITY: (
        "if it is your own registry's, trust its authority's certificate, a PEM file: dockchains settings set "
        "registry_ca_file FILE"
    ),
    ImageRemedy.PROXY_WITH_TLS: "put a proxy with TLS in front of it, and say --proxied",
    ImageRemedy.LISTEN_ELSEWHERE: "choose another with --listen",
    ImageRemedy.OTHER_JOURNAL: "name another --journal",
    ImageRemedy.CHECK_LOCK: "check --lock and DOCKCHAINS_LOCK",
    ImageRemedy.EXPORT_SHOP: "export it again: dockchains market export-shop",
    ImageRemedy.REVIVE_SHOP: (
        "stop the shop, bring its lots back with `dockchains market cancel NAME --lots`, and export it anew"
    ),
    ImageRemedy.LOTS_BACK: "bring the lots back with `dockchains market cancel NAME --lots`",
    ImageRemedy.LOTS_BACK_FIRST: "bring the lots back with `dockchains market cancel NAME --lots` first",
    ImageRemedy.MAKE_LOTS_OR_BACK: "make new ones, or bring lots back: dockchains market cancel NAME --lots",
    ImageRemedy.LOTS_BACK_OR_KEEP: (
        "bring them back with `dockchains market cancel --lots`, or acknowledge them with --keep-lots"
    ),
    ImageRemedy.SELL_WITHOUT_TREASURY: "wait for the next block, or sell without the treasury (--no-treasury)",
    ImageRemedy.SAY_PRICE: "say the price: `dockchains market sell --price ...`",
    ImageRemedy.MAKE_LOTS: "make and list lots with `dockchains market sell NAME --access --copies N --price BTC`",
    ImageRemedy.LIST_TOGETHER: (
        "list them again together: dockchains market sell NAME --access --relist --pay-to ADDRESS"
    ),
    ImageRemedy.SEE_LISTINGS: "is it for another wallet? `dockchains market offers` shows your listings",
    ImageRemedy.SEE_BIDS: "`dockchains market offers` shows yours",
    ImageRemedy.SEE_OFFER_IDS: "`dockchains market offers` lists their ids",
    ImageRemedy.SEE_WHAT_BECAME: "`dockchains market offers` says what became of it",
    ImageRemedy.SEE_WHAT_IS_LISTED: "`dockchains market offers` shows what is listed",
    ImageRemedy.BID_TO_SHOP: "send the bid to the shop, or take the lot back with `dockchains market cancel`",
    ImageRemedy.TAKE_BACK_OR_OTHER_WALLET: "take it back with `dockchains market cancel`, or buy from another wallet",
    ImageRemedy.TAKE_BACK_BID: "`dockchains market cancel {bid}`",
    ImageRemedy.ASK_SHOP: (
        "ask: dockchains market buy {shop} --outcome {bid} (GET {shop}/v1/bids/{id}); hand over the same bid again, "
        "which gets the same answer: dockchains market buy {shop} --resend {bid}; or take it back: dockchains market "
        "cancel {bid}"
    ),
    ImageRemedy.HAND_OVER_TO_BUYER: "dockchains market accept --hand-secret {txid}",
    ImageRemedy.TAKE_IN_FROM_SELLER: "dockchains market buy --take-secret FILE",
    ImageRemedy.EXPECT_HANDED_OVER: "expected what `dockchains market accept --hand-secret TXID` printed",
    WalletRemedy.OTHER_NAME: "choose another name with --wallet NAME",
    ImageRemedy.OTHER_NETWORK: "say --network {network}",
    ImageRemedy.SEE_LABELS: "`dockchains wallet label` lists them",
    ImageRemedy.REMOVE_LABEL: "--remove takes a label away",
    ImageRemedy.OWN_RECEIVER: "choose an address that `wallet receive` gave you",
    ImageRemedy.OWN_RECEIVER_OR_WALLET: (
        "choose an address that `wallet receive` gave you, or another wallet with --wallet NAME"
    ),
    ImageRemedy.SIGN_BY_COMMAND: "make it by its own command: `access login`, `market sell`, `market buy`",
}


def words(text: Prose) -> str:
    """A text as the command line says it."""
    return worded(text, WORDS)
