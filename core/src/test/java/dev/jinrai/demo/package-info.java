/// The trained demo model, end to end: files to text.
@NullMarked
package dev.jinrai.demo;

import org.jspecify.annotations.NullMarked;
