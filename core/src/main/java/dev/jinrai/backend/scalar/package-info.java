/// The executable specification: every verb as the plainest loop that is right.
///
/// The one rule: readable before fast. When another backend differs from this one beyond its stated
/// bound, the other one is wrong.
@NullMarked
package dev.jinrai.backend.scalar;

import org.jspecify.annotations.NullMarked;
