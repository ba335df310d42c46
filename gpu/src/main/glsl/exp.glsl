// e^x for x ≤ 0, to about one ulp; GLSL's own may be off by 3 + 2|x| ulp. Below the normal numbers it is zero.
//
// x = n·ln 2 + r with |r| ≤ ln 2 / 2, where n·HIGH is exact (Cody & Waite 1980), then seven terms of the series.
float expOfNegative(float x) {
    if (notANumber(x)) {
        return x;
    }
    if (x < -87.33654) { // 2^-126
        return 0.0;
    }
    const float HIGH = 0.693359375; // ln 2 = HIGH + LOW
    const float LOW = -2.1219444005469057e-4;
    float n = floor(x * 1.44269504 + 0.5);
    precise float high = x - n * HIGH;
    precise float r = high - n * LOW;
    float series = 1.0 / 5040.0;
    series = series * r + 1.0 / 720.0;
    series = series * r + 1.0 / 120.0;
    series = series * r + 1.0 / 24.0;
    series = series * r + 1.0 / 6.0;
    series = series * r + 0.5;
    float power = 1.0 + (r + r * r * series);
    return power * uintBitsToFloat(uint(int(n) + 127) << 23);
}
