package dev.jinrai.huggingface;

import dev.jinrai.format.Format;
import java.lang.foreign.MemorySegment;

/// What the codes of an F8 matrix are multiplied with: one number for each block of `blockRows × blockColumns`.
///
/// The tensor beside `NAME.weight` that holds it is `NAME.weight_scale` or `NAME.weight_scale_inv`; both are factors, the second name
/// being that of the inverse with which the weights were quantized. One number stands for the whole matrix, one a row for a
/// block of a row, and a matrix for the blocks that `weight_block_size` names.
///
/// Source: `quantizers/quantizer_finegrained_fp8.py` in `transformers`, the float-quantized format of compressed-tensors.
///
/// @param scales row-major
@SuppressWarnings("ArrayRecordComponent") // never compared
record F8Scale(float[] scales, int perRow, int blockRows, int blockColumns) {

    /// @param rows of scales
    /// @param columns of scales
    static F8Scale of(
            Format format,
            MemorySegment data,
            int rows,
            int columns,
            int blockRows,
            int blockColumns) {
        float[] scales = new float[rows * columns];
        format.decode(data, 0, scales, 0, scales.length);
        return new F8Scale(scales, columns, blockRows, blockColumns);
    }

    /// Multiplies the decoded weights of a row.
    void apply(int row, float[] weights, int columns) {
        int first = row / blockRows * perRow;
        for (int c = 0; c < columns; c++) {
            weights[c] *= scales[first + c / blockColumns];
        }
    }
}
