"""What helps where something in a wallet, or at its node, is in the way."""

from wallet.advice import Remedy


class WalletRemedy(Remedy):
    """The remedies of this package."""

    CHOOSE_BACKUP = "choose the file of a backup"
    WAIT_FOR_NODE = "wait until the node has caught up"
    SET_FEE_RATE = "set the fee rate yourself, in sat/vB"
    START_NODE = "start bitcoind for {network}, or choose another network"
    GRANT_THERE = "send access units to it; for bitcoin ask for a Bitcoin address"
    WANT_UNIT_ADDRESS = (
        "a wallet that knows nothing of units would burn them as fees; ask the receiver for a unit address ({hrp}1...)"
    )
    SEND_FINISHED = "send it as a finished transaction, which is shown first"
    SHOW_PUBLIC = "have the wallet with the keys show its public side"
    RECEIVE_BITCOIN = "receive bitcoin"
    SEE_HISTORY = "the wallet's history shows it"
    SIGN_ELSEWHERE = "leave the transaction for the keys, and sign it where they are"
    CREATE_OR_RESTORE = "create or restore a wallet"
    OTHER_NAME = "choose another name for the wallet"
    RESTORE_UNDER_NEW_NAME = "the recovery words bring keys and coins back under a new name, labels not"
