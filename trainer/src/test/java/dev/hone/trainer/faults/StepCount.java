package dev.hone.trainer.faults;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Counts training steps in an events.jsonl that grows, reading each byte once. */
final class StepCount implements AutoCloseable {

    private static final String STEP = "\"event\":\"train\"";

    private final Path file;
    private @Nullable FileChannel channel;
    private String rest = "";
    private long steps;

    StepCount(Path file) {
        this.file = file;
    }

    long now() throws IOException {
        if (channel == null) {
            if (!Files.exists(file)) {
                return 0;
            }
            channel = FileChannel.open(file, StandardOpenOption.READ);
        }
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        while (channel.read(buffer) > 0) {
            String text = rest + new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            int end = text.lastIndexOf('\n') + 1;
            steps += text.substring(0, end)
                    .lines()
                    .filter(line -> line.contains(STEP))
                    .count();
            rest = text.substring(end);
            buffer.clear();
        }
        return steps;
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
