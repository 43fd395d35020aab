package dev.hone.trainer.run;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.trainer.model.AdapterFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Tells a model from others: one that was trained on, or one of whose files was changed, is another. */
public final class ModelIdentity {

    private ModelIdentity() {}

    /**
     * The model by its folder, what its files look like, their sizes and times, and how it reads pairs.
     *
     * @param folder the model's; of adapters, the files of the model they belong to count too
     * @throws UserError where a file cannot be looked at
     */
    public static String of(Path folder, ChatUse chat) {
        List<String> looks = new ArrayList<>();
        Stream.of(folder, AdapterFolder.modelOf(folder))
                .distinct()
                .flatMap(one -> files(one).stream())
                .forEach(file -> looks.add(look(file)));
        if (chat.template() != null) {
            looks.add(look(chat.template()));
        }
        return folder.toAbsolutePath().normalize() + ", files " + Sha256.of(looks.toArray(String[]::new)) + ", " + chat;
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> isRead(file.getFileName().toString()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserError(folder + " cannot be listed (" + e.getMessage() + "); give a readable folder");
        }
    }

    private static boolean isRead(String name) {
        return name.endsWith(".safetensors") || name.endsWith("config.json") || TextFiles.NAMES.contains(name);
    }

    private static String look(Path file) {
        try {
            return file.getFileName() + " " + Files.size(file) + " "
                    + Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw new UserError(file + " cannot be read (" + e.getMessage() + "); give a readable file");
        }
    }
}
