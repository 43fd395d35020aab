package dev.hone.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.kernels.nativ.NvidiaDriver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a library of the driver's name and functions, compiled here: it answers as a driver with such GPUs would. */
class NvidiaTest {

    private static final String DRIVER = """
            #include <cstdlib>
            #include <cstring>
            #include <cstddef>
            extern "C" {
            int cuInit(unsigned) { return atoi(getenv("STUB_STATUS")); }
            int cuGetErrorString(int, const char** text) { *text = "unknown error"; return 0; }
            int cuDriverGetVersion(int* version) { *version = 12040; return 0; }
            int cuDeviceGetCount(int* count) { *count = 2; return 0; }
            int cuDeviceGet(int* device, int ordinal) { *device = 40 + ordinal; return 0; }
            int cuDeviceGetName(char* name, int, int device) {
              strcpy(name, device == 40 ? "NVIDIA H100 80GB HBM3" : "Tesla V100"); return 0; }
            int cuDeviceGetAttribute(int* value, int attribute, int device) {
              *value = attribute == 75 ? (device == 40 ? 9 : 7) : 0; return 0; }
            int cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = 85024112640ul; return 0; }
            }
            """;

    /** What the process of a test prints. */
    public static void main(String[] arguments) {
        System.out.println(Nvidia.look());
        System.out.println(Devices.all().get(0).explanation());
    }

    @Test
    void saysWhatTheDriverSays(@TempDir Path folder) throws Exception {
        String listed = withDriver(folder, "0");
        assertThat(listed)
                .contains("cuda=12.4")
                .contains("Gpu[name=NVIDIA H100 80GB HBM3, capability=9.0, memory=85024112640]")
                .contains("Gpu[name=Tesla V100, capability=7.0, memory=85024112640]")
                .contains("fault=null")
                .contains("NCCL=not found: no libnccl.so.2");
        assertThat(withDriver(folder, "100"))
                .contains("gpus=[]")
                .contains("fault=the NVIDIA driver lists no GPU")
                .contains("The cuda device is not available: the NVIDIA driver lists no GPU");
        assertThat(withDriver(folder, "999"))
                .contains("fault=the NVIDIA driver does not work: cuInit says unknown error");
    }

    @Test
    void comparesCapabilities() {
        Gpu gpu = new Gpu("a", "8.6", 1);
        assertThat(gpu.isAtLeast("8.0")).isTrue();
        assertThat(gpu.isAtLeast("8.6")).isTrue();
        assertThat(gpu.isAtLeast("8.9")).isFalse();
        assertThat(new Gpu("b", "10.0", 1).isAtLeast("9.0")).isTrue();
    }

    private static String withDriver(Path folder, String status) throws IOException, InterruptedException {
        Assumptions.assumeTrue(NvidiaDriver.isBuilt(), "this build has no native libraries");
        Path library = folder.resolve("libcuda.so.1");
        if (!Files.exists(library)) {
            Path source = Files.writeString(folder.resolve("driver.cpp"), DRIVER);
            run(Map.of(), "g++", "-shared", "-fPIC", "-o", library.toString(), source.toString());
        }
        return run(
                Map.of("LD_LIBRARY_PATH", folder.toString(), "STUB_STATUS", status),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                NvidiaTest.class.getName());
    }

    private static String run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
