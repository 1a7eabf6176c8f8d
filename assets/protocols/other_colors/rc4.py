"""RC4 as far as it is needed: the beginning of its key stream. It keeps nothing secret, and nothing here asks it to."""


def keystream(key: bytes, length: int) -> bytes:
    """The first bytes of the stream; `key` has 1 to 256 bytes."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for _ in range(length):
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(state[(state[i] + state[j]) % 256])
    return bytes(out)
