"""What a person is told before an image is sealed or handed out sealed."""

ACCESS_IS_ACCESS = (
    "Whoever has opened a sealed image can keep it, and pass it on: a key cannot be taken back. A new holder sees every"
    " release that was sealed with a key that is handed out."
)

CONFIG_IS_PLAIN = (
    "Only the layers are encrypted: anybody who has the sealed image reads its config (environment, command, history)"
    " and the sizes of its layers."
)
