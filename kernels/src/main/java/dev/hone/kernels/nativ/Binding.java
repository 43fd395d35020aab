package dev.hone.kernels.nativ;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * How kernels.hpp becomes Java: JavaCPP generates from it {@code Kernels}, the list of operations, and
 * {@code KernelLibrary}, which opens an implementation, says what GPUs there are and lowers a thread's priority. A device
 * address is a plain {@code long} there, so that a call makes no objects.
 */
@Properties(
        value =
                @Platform(
                        include = {"kernels.hpp", "library.hpp", "nvidia.hpp", "thread.hpp"},
                        library = Binding.LIBRARY),
        target = "dev.hone.kernels.nativ",
        global = "dev.hone.kernels.nativ.KernelLibrary")
public class Binding implements InfoMapper {

    /** The name the generated classes ask JavaCPP's loader for. */
    static final String LIBRARY = "jnihone";

    @Override
    public void map(InfoMap infoMap) {
        infoMap.put(new Info("hone::Address").cast().valueTypes("long").skip());
        infoMap.put(new Info("hone::DType").skip());
    }
}
