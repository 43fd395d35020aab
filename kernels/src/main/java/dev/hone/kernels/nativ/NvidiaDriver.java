package dev.hone.kernels.nativ;

import dev.hone.kernels.Gpu;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** NVIDIA's driver, asked without CUDA: nothing is started on a GPU. */
public final class NvidiaDriver {

    /**
     * What the driver lists.
     *
     * @param cuda the newest CUDA that it runs: "13.0"; null where that is not known
     * @param gpus those that CUDA_VISIBLE_DEVICES shows
     */
    public record Listing(@Nullable String cuda, List<Gpu> gpus) {}

    private NvidiaDriver() {}

    /** Whether this build has the native library that asks. */
    public static boolean isBuilt() {
        return NativeLibraries.exists(Binding.LIBRARY);
    }

    /** @throws IOException where there is no driver, no GPU, or no native library here to ask with; the message says which */
    public static Listing list() throws IOException {
        try {
            NativeLibraries.loadBinding();
            return parsed(KernelLibrary.list_gpus().getString());
        } catch (RuntimeException | LinkageError e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }

    static Listing parsed(String listing) {
        String[] lines = listing.strip().split("\n");
        List<Gpu> gpus = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            String[] fields = lines[i].split("\t");
            gpus.add(new Gpu(fields[0], fields[1], Long.parseLong(fields[2])));
        }
        return new Listing(lines[0], gpus);
    }

    /** The file of a library as the loader finds it, in $CUDA_HOME or /usr/local/cuda too; null where it does not. */
    public static @Nullable String library(String name) throws IOException {
        try {
            NativeLibraries.loadBinding();
        } catch (LinkageError e) {
            throw new IOException("the native library does not load: " + e.getMessage(), e);
        }
        return KernelLibrary.find_cuda_library(name);
    }
}
