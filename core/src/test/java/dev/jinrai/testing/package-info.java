/// What the tests of several packages share: the reference data, and files that are made rather than
/// stored.
@NullMarked
package dev.jinrai.testing;

import org.jspecify.annotations.NullMarked;
