// Where a token's keys or values lie: `caches` has for each token the address of its cache's table, an array of the
// addresses of blocks of 256 positions; a layer's keys (or values) of a block begin at `offset` bytes and lie as
// [head][256 positions][length].
const uint POSITIONS = 256u;

// The address of head `head`, position `position`, of which each takes `bytes`.
uint64_t cached(uint64_t caches, uint t, uint position, uint64_t offset, uint head, uint bytes) {
    uint64_t block = Addresses(Addresses(caches).at[t]).at[position / POSITIONS];
    return block + offset + uint64_t(head * POSITIONS + position % POSITIONS) * bytes;
}
