package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.kernels.Device;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a model for others: a folder that transformers and vLLM load as it is, or adapters as PEFT does. */
public final class Export {

    private static final Map<String, String> DTYPES = Map.of("float32", "F32", "bfloat16", "BF16", "float16", "F16");

    /** What a folder of adapters consists of. */
    private static final List<String> ADAPTERS = List.of("adapter_config.json", "adapter_model.safetensors");

    private Export() {}

    /**
     * @param model a folder, a checkpoint or a run; see {@link ModelFolder}
     * @param merge add adapters to the weights of their model and write that
     * @param dtype float32, bfloat16 or float16; null: that of the files read
     * @param to a folder that is not there yet
     * @throws UserError where {@code to} is there, or what was asked for does not fit the model
     */
    public static void write(Path model, boolean merge, @Nullable String dtype, Path to, String device, Output output) {
        Path from = ModelFolder.of(model);
        if (Files.exists(to)) {
            throw new UserError(to + " is there already; name a folder that is not, or remove it");
        }
        if (dtype != null && !DTYPES.containsKey(dtype)) {
            throw new UserError("--dtype is '" + dtype + "' but must be float32, bfloat16 or float16");
        }
        boolean adapters = Files.isRegularFile(from.resolve(ADAPTERS.get(0)));
        if (adapters && !merge && dtype != null) {
            throw new UserError("--dtype needs --merge here: adapters are written as they are");
        }
        Path beside = to.toAbsolutePath().normalize().resolveSibling(".tmp-" + to.getFileName());
        try {
            // What an export that was killed left there.
            RunDirectory.deleteTree(beside);
            Files.createDirectories(beside);
            if (adapters && !merge) {
                copy(from, beside, ADAPTERS);
            } else {
                try (Device opened = DeviceChoice.open(device, output);
                        Transformer transformer = Transformer.load(opened, from, TransformerOptions.inference(1))) {
                    transformer.export(beside, dtype == null ? null : DTYPES.get(dtype));
                }
            }
            TextFiles.copy(TextFiles.folder(from), beside);
            Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UserError(
                    to + ": cannot be written (" + UserError.reason(e) + "); choose a writable folder with space left",
                    e);
        } finally {
            discard(beside);
        }
        output.line("wrote " + to);
    }

    /** What is half written, where there is something; why it is so has been said. */
    private static void discard(Path folder) {
        try {
            RunDirectory.deleteTree(folder);
        } catch (IOException e) {
            // The next export begins with it.
        }
    }

    private static void copy(Path from, Path to, List<String> names) throws IOException {
        for (String name : names) {
            Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
