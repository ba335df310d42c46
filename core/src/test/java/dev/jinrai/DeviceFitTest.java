package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What fits a device is arithmetic.
class DeviceFitTest {
    private static final long MIB = 1 << 20;
    private static final long RESERVE = 256 * MIB;

    /// Ten layers of 100 MiB, ends of 150 MiB, 4 KiB a layer and position, 20 MiB of activations, 30 MiB of logits.
    private static final Demand DEMAND =
            new Demand(
                    Collections.nCopies(10, 100 * MIB),
                    150 * MIB,
                    layout(10),
                    20 * MIB,
                    30 * MIB,
                    32768);

    private static KvLayout layout(int layers) {
        // 8 heads, keys and values of 128, two bytes each
        return new KvLayout(
                Collections.nCopies(layers, new KvLayout.Layer(8, 128, 128)), 1, KvType.F16);
    }

    private static DeviceFit free(long mib) {
        return new DeviceFit(DEMAND, mib * MIB);
    }

    @Test
    void aLayerTakesItsWeightsItsKeysAndValuesAndARoomToComputeIn() {
        // 4 KiB for 1024 positions and the 256 of a block: 5 MiB a layer.
        assertThat(free(0).bytes(0, 1024)).isZero();
        assertThat(free(0).bytes(1, 1024)).isEqualTo((100 + 5 + 20) * MIB + RESERVE);
        assertThat(free(0).bytes(9, 1024)).isEqualTo((900 + 45 + 20) * MIB + RESERVE);
    }

    @Test
    void theEndsAndTheLogitsGoWithTheLastLayerThatFits() {
        assertThat(free(0).bytes(10, 1024)).isEqualTo((1000 + 150 + 50 + 20 + 30) * MIB + RESERVE);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "380, 0",
        "381, 1",
        "485, 1",
        "486, 2",
        "1221, 9",
        "1505, 9",
        "1506, 10",
        "99999, 10",
    })
    void asManyLayersAsFit(long mib, int layers) {
        assertThat(free(mib).layers(1024)).isEqualTo(layers);
    }

    @Test
    void aLongerContextLeavesRoomForFewerLayers() {
        var fit = free(2000);
        assertThat(fit.layers(4096)).isEqualTo(10);
        assertThat(fit.layers(16384)).isEqualTo(9);
        assertThat(fit.layers(32768)).isEqualTo(7);
        assertThat(fit.layers(1 << 30)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1506, 10", "2000, 10", "1221, 9", "500, 1"})
    void theContextThatIsSaidToFitDoesAndOneMoreDoesNot(long mib, int layers) {
        var fit = free(mib);
        int positions = (int) fit.positions(layers);
        assertThat(fit.fits(layers, positions)).isTrue();
        assertThat(fit.fits(layers, positions + 1)).isFalse();
    }

    @Test
    void noLayerOnTheDeviceBoundsNoContext() {
        assertThat(free(0).positions(0)).isEqualTo(Long.MAX_VALUE);
        assertThat(free(300).positions(10)).isNegative();
    }

    /// As in mixes, whose output and some layers have more bits.
    @Test
    void theLastLayersAreTheOnesThatCount() {
        var mixed =
                new Demand(List.of(10 * MIB, 20 * MIB, 40 * MIB), MIB, layout(3), MIB, MIB, 4096);
        var fit = new DeviceFit(mixed, RESERVE + (40 + 1 + 1) * MIB);
        assertThat(fit.layers(0)).isEqualTo(1);
        assertThat(new DeviceFit(mixed, fit.free() + 21 * MIB).layers(0)).isEqualTo(2);
    }

    @Test
    void whoAsksForNoContextGetsOneWorthKeepingLayersOffTheDeviceFor() {
        assertThat(free(0).expected(0)).isEqualTo(4096);
        assertThat(free(0).expected(100)).isEqualTo(100);
        var small = new Demand(DEMAND.layers(), 0, layout(10), 0, 0, 2048);
        assertThat(new DeviceFit(small, 0).expected(0)).isEqualTo(2048);
    }

    @Test
    void aShortageSaysHowManyFitWhatIsNeededAndWhichContextWouldDo() {
        assertThat(free(2000).shortage(9, 16384, "Card"))
                .isEqualTo(
                        "9 of 10 layers fit the GPU, the CPU runs the rest: for all 2106 MiB of the"
                            + " memory of 'Card' are needed (1150 MiB for weights, 650 MiB for keys"
                            + " and values of 16384 tokens, 306 MiB to compute with) and 2000 MiB"
                            + " are free; with a context of 13670 or less all fit");
        assertThat(free(300).shortage(0, 0, "Card"))
                .isEqualTo(
                        "not one layer of the model fits the GPU, so the CPU runs it: for one 393"
                            + " MiB of the memory of 'Card' are needed (100 MiB for weights, 17 MiB"
                            + " for keys and values of 4096 tokens, 276 MiB to compute with) and"
                            + " 300 MiB are free");
    }

    @Test
    void aRefusalNamesEveryWayThatIsEnough() {
        assertThat(free(2000).refusal(10, 32768, "Card"))
                .contains("of the memory of 'Card' are needed")
                .endsWith(
                        "; a context of 13670 or less fits, 7 of 10 layers fit with the backend"
                                + " hybrid, the backend cpu needs no memory of a GPU");
        assertThat(free(100).refusal(10, 32768, "Card"))
                .endsWith("are free; the backend cpu needs no memory of a GPU");
    }
}
