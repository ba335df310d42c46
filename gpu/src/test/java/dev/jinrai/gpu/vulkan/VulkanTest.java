package dev.jinrai.gpu.vulkan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.backend.BackendException;
import java.util.List;
import org.junit.jupiter.api.Test;

class VulkanTest {
    private static final List<VulkanAdapter> THREE =
            List.of(
                    Devices.made(0, "Fast 9000", false),
                    Devices.made(1, "Fast 9000 Ti", false),
                    Devices.made(2, "Old one", false, "shaderInt8", "shaderInt64"));

    @Test
    void devicesAreNumberedInOrder() {
        Devices.adapter();
        List<VulkanAdapter> devices = Vulkan.devices();
        for (int i = 0; i < devices.size(); i++) {
            assertThat(devices.get(i).index()).isEqualTo(i);
        }
    }

    @Test
    void aDeviceIsNamedByItsIndexOrAPartOfItsName() {
        assertThat(Vulkan.choose(THREE, "1").index()).isEqualTo(1);
        assertThat(Vulkan.choose(THREE, "9000 ti").index()).isEqualTo(1);
        var numbered = List.of(Devices.made(0, "pipe (LLVM 15.0.6)", true));
        assertThat(Vulkan.choose(numbered, "15.0").index()).isEqualTo(0);
        assertThatThrownBy(() -> Vulkan.choose(numbered, "5")).hasMessageContaining("not here");
    }

    @Test
    void aWholeNameIsThatDeviceThoughItBeginsAnother() {
        assertThat(Vulkan.choose(THREE, "fast 9000").index()).isEqualTo(0);
    }

    @Test
    void aNameOfNoneOrSeveralListsThem() {
        assertThatThrownBy(() -> Vulkan.choose(THREE, "slow"))
                .isInstanceOf(BackendException.class)
                .hasMessage(
                        "device 'slow' is not here (known: 0 Fast 9000, 1 Fast 9000 Ti, 2 Old"
                                + " one)");
        assertThatThrownBy(() -> Vulkan.choose(THREE, "FAST"))
                .isInstanceOf(BackendException.class)
                .hasMessage(
                        "device 'FAST' is the name of several (known: 0 Fast 9000, 1 Fast 9000 Ti,"
                                + " 2 Old one)");
    }

    @Test
    void aDeviceThatLacksSomethingSaysWhat() {
        assertThatThrownBy(() -> Vulkan.choose(THREE, "2"))
                .isInstanceOf(BackendException.class)
                .hasMessage(
                        "GPU 'Old one' (made up 1.0, Vulkan 1.3) lacks shaderInt8, shaderInt64;"
                                + " update its driver");
        assertThatThrownBy(() -> VulkanDevice.open(THREE.get(2)))
                .isInstanceOf(BackendException.class);
    }

    @Test
    void aGpuIsPreferredToAProgramThatPlaysOne() {
        var played = Devices.made(0, "played", true);
        var real = Devices.made(1, "real", false);
        assertThat(Vulkan.best(List.of(played, real))).contains(real);
        assertThat(Vulkan.best(List.of(played))).contains(played);
        assertThat(Vulkan.best(List.of(THREE.get(2)))).isEmpty();
    }
}
