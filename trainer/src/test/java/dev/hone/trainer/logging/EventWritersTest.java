package dev.hone.trainer.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EventWritersTest {

    private static final JsonNode STEP = JsonMapper.shared()
            .readTree("{\"time\":\"2026-01-01T00:00:00.500Z\",\"event\":\"train\",\"step\":300,\"phase\":\"sft\",\"loss\":0.5}");

    @TempDir
    private Path directory;

    @Test
    void tensorBoardsRecordsAreFramedAndSummed() throws IOException {
        try (TensorBoardWriter writer = new TensorBoardWriter(directory, 0)) {
            writer.write(STEP);
        }
        List<byte[]> records = records();
        assertThat(records).hasSize(2);
        assertThat(new String(records.get(0), StandardCharsets.ISO_8859_1)).endsWith("\u001a\rbrain.Event:2");
        // Worked by hand from event.proto: wall_time, step 300, summary { value { tag, simple_value } }.
        assertThat(HexFormat.of().formatHex(records.get(1)))
                .isEqualTo("09" + hex(1767225600.5) + "10ac02" + "2a13" + "0a11" + "0a0a"
                        + HexFormat.of().formatHex("train/loss".getBytes(StandardCharsets.UTF_8)) + "150000003f");
    }

    private static String hex(double value) {
        return HexFormat.of()
                .formatHex(ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putDouble(value)
                        .array());
    }

    private List<byte[]> records() throws IOException {
        Path file;
        try (Stream<Path> files = Files.list(directory)) {
            file = files.findFirst().orElseThrow();
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> records = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertThat(bytes.getInt()).isEqualTo(masked(length));
            byte[] record = new byte[(int)
                    ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
            bytes.get(record);
            assertThat(bytes.getInt()).isEqualTo(masked(record));
            records.add(record);
        }
        return records;
    }

    /** CRC-32C bit by bit, by its polynomial. */
    private static int masked(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82f63b78;
            }
        }
        crc = ~crc;
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }

    @Test
    void aDirectoryThatCannotBeWrittenStopsNothing() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        try (TensorBoardWriter writer = new TensorBoardWriter(file.resolve("below"), 0)) {
            writer.write(STEP);
        }
        assertThat(Files.size(file)).isZero();
    }

    @Test
    void prometheusReadsTheLastValues() throws IOException {
        try (PrometheusEndpoint endpoint = new PrometheusEndpoint("my \"run\"", 0);
                PrometheusEndpoint second = new PrometheusEndpoint("other", endpoint.port())) {
            endpoint.write(STEP);
            second.write(STEP);
            assertThat(second.port()).as("a port that is taken stops nothing").isZero();
            try (InputStream in = URI.create("http://127.0.0.1:" + endpoint.port() + "/metrics")
                    .toURL()
                    .openStream()) {
                assertThat(Arrays.asList(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")))
                        .contains(
                                "# TYPE hone_train_loss gauge",
                                "hone_train_loss{run=\"my \\\"run\\\"\",figure=\"train/loss\"} 0.5");
            }
        }
    }
}
