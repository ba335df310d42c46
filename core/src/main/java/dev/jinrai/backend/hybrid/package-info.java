/// One model on two backends: some layers on a device, the rest on the CPU.
///
/// [dev.jinrai.backend.hybrid.HybridBackend] is a backend over two others. Its one rule: a verb runs where its weights or its
/// keys and values live, a verb with neither where its operands are, and what is missing there is copied first. It so knows
/// no architecture. Start reading there.
@NullMarked
package dev.jinrai.backend.hybrid;

import org.jspecify.annotations.NullMarked;
