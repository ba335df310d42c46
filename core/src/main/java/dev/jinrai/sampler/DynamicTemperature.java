package dev.jinrai.sampler;

/// A temperature between `temperature − range` (not below 0) and `temperature + range`, the lower the surer the model is:
/// `least + (most − least) · (H / log n)^exponent`, with the entropy `H` of the `n` candidates (kalomaze 2024,
/// github.com/ggml-org/llama.cpp, pull request 4972). A single candidate has nothing to be divided.
///
/// @param range more than 0
record DynamicTemperature(float temperature, float range, float exponent) implements Step {
    @Override
    public void apply(Candidates candidates) {
        double total = candidates.softmax();
        if (candidates.size == 1) {
            return;
        }
        double uncertainty = candidates.entropy(total) / StrictMath.log(candidates.size);
        double least = Math.max(0, (double) temperature - range);
        double most = (double) temperature + range;
        // Rounding may take the entropy of equals above its largest.
        double power = Power.of(Math.min(1, uncertainty), (double) exponent);
        Temperature.apply(least + (most - least) * power, candidates);
    }
}
