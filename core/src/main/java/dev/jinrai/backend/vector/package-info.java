/// The CPU backend, on the JDK's Vector API, for registers of 128, 256 and 512 bits.
///
/// [dev.jinrai.backend.vector.VectorBackend] says which kernel serves which verb; each kernel is one
/// file. Only [dev.jinrai.backend.vector.VectorProvider] loads without `jdk.incubator.vector`. Loops exist twice, on vectors and
/// plain ([dev.jinrai.backend.vector.Kernels]), because the former are slow until the JIT has compiled them.
///
/// The one rule: the order of every sum is fixed. It depends on the width of the registers, never on
/// the number of threads or on what the JIT has compiled, so that a seed keeps its meaning. Who changes the order of a
/// vector kernel that has a plain twin changes the twin.
@NullMarked
package dev.jinrai.backend.vector;

import org.jspecify.annotations.NullMarked;
