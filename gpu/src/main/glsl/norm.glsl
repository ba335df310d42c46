// What a norm multiplies a row by whose squares are beyond f32.

const float LARGEST = 3.4028235e38;

// 2⁻⁹⁶: the squares of what is 3.4e38 add up within f32 then, and what is 1e19 does not vanish.
const float SMALL = 1.2621774e-29;
