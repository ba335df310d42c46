package dev.jinrai.sampler;

/// Divides the logits (Ackley, Hinton & Sejnowski 1985, *A Learning Algorithm for Boltzmann Machines*, equation 3); at 0 the most
/// probable candidate is left.
///
/// @param temperature 0 or more
record Temperature(float temperature) implements Step {
    @Override
    public void apply(Candidates candidates) {
        apply(temperature, candidates);
    }

    static void apply(double temperature, Candidates candidates) {
        if (temperature == 0) {
            candidates.keepBest(1);
        } else {
            candidates.divide(temperature);
        }
    }
}
