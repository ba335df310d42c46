/// Micro-benchmarks of a backend's verbs, at the sizes of TinyLlama 1.1B.
///
/// The one rule: what is measured is right. Each benchmark compares its answer with the scalar backend's
/// before it is timed, and goes through [dev.jinrai.backend.Backend] alone, so that kernels may change below
/// it. `scripts/kernels` builds and runs them; start reading at [dev.jinrai.bench.MatmulBenchmark].
@NullMarked
package dev.jinrai.bench;

import org.jspecify.annotations.NullMarked;
