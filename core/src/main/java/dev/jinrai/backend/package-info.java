/// The arithmetic of a transformer, behind one seam.
///
/// [dev.jinrai.backend.Backend] is a couple of dozen verbs over opaque handles: a
/// [dev.jinrai.backend.Weight] (a matrix the backend holds), a [dev.jinrai.backend.Buffer]
/// (activations) and a [dev.jinrai.backend.KvCache] (what attention remembers). A
/// [dev.jinrai.backend.Batch] says which tokens go where.
///
/// The one rule: `dev.jinrai.backend.scalar` defines what each verb means, and every other backend is
/// tested against it. Start reading at [dev.jinrai.backend.Backend].
@NullMarked
package dev.jinrai.backend;

import org.jspecify.annotations.NullMarked;
