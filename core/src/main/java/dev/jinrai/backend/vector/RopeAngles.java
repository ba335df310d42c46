package dev.jinrai.backend.vector;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Rope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The sines and cosines of a pass: each is taken once for all layers, heads, queries and keys.
///
/// Models have one or two ropes, so a search among those of the pass is short.
final class RopeAngles {
    private @Nullable Batch batch;
    private final List<Rope> ropes = new ArrayList<>();
    private final List<float[]> tables = new ArrayList<>(); // kept for the next pass

    /// {@return `T × pairs × 2`: the cosine and the sine of each pair's angle, times the magnitude}
    float[] of(Rope rope, Batch wanted) {
        if (batch != wanted) {
            batch = wanted;
            ropes.clear();
        }
        int i = 0;
        while (i < ropes.size() && ropes.get(i) != rope) {
            i++;
        }
        if (i == ropes.size()) {
            ropes.add(rope);
            int length = 2 * wanted.size() * rope.pairs();
            if (i == tables.size()) {
                tables.add(new float[length]);
            } else if (tables.get(i).length < length) {
                tables.set(i, new float[length]);
            }
            fill(tables.get(i), rope, wanted);
        }
        return tables.get(i);
    }

    private static void fill(float[] table, Rope rope, Batch batch) {
        int at = 0;
        for (int t = 0; t < batch.size(); t++) {
            for (int i = 0; i < rope.pairs(); i++) {
                // The angle grows with the context: in f32 it would lose the turn's fraction.
                double angle = batch.position(t) * rope.frequency(i);
                table[at++] = (float) (StrictMath.cos(angle) * rope.magnitude());
                table[at++] = (float) (StrictMath.sin(angle) * rope.magnitude());
            }
        }
    }
}
