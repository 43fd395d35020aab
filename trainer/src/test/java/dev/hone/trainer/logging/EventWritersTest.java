package dev.hone.trainer.logging;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EventWritersTest {

    private static final JsonNode STEP = JsonMapper.shared()
            .readTree(
                    "{\"time\":\"2026-01-01T00:00:00.500Z\",\"event\":\"train\",\"step\":300,\"phase\":\"sft\",\"loss\":0.5}");

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
            byte[] record = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
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

    @Test
    void anMlflowServerThatIsNotThereStopsNothing() {
        long started = System.nanoTime();
        try (MlflowWriter writer = new MlflowWriter(
                MlflowWriter.Server.of(URI.create("http://127.0.0.1:1"), "hone", Map.of()),
                "run",
                Map.of(),
                List.of())) {
            for (int i = 0; i < 100_000; i++) {
                writer.write(STEP);
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(30));
    }

    /** A server that answers as MLflow does; tried by hand against MLflow's own. */
    @Test
    void mlflowHearsOfFiguresParametersAndTheEnd() throws IOException {
        Map<String, String> asked = new ConcurrentHashMap<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String path = exchange.getRequestURI().getPath();
                asked.merge(
                        path,
                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                        String::concat);
                asked.put(
                        "authorization",
                        String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                byte[] answer = (path.endsWith("get-by-name")
                                ? "{}"
                                : "{\"experiment_id\":\"7\",\"run\":{\"info\":{\"run_id\":\"r1\",\"artifact_uri\":\"mlflow-artifacts:/7/r1/artifacts\"}}}")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(path.endsWith("get-by-name") ? 404 : 200, answer.length);
                exchange.getResponseBody().write(answer);
            }
        });
        server.start();
        Path report = Files.writeString(directory.resolve("report.html"), "<p>report</p>");
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        try (MlflowWriter writer = new MlflowWriter(
                MlflowWriter.Server.of(uri, "hone", Map.of("MLFLOW_TRACKING_TOKEN", "secret")),
                "run",
                Map.of("sft.learning_rate", "0.001"),
                List.of(report))) {
            writer.write(STEP);
            writer.write(JsonMapper.shared().readTree("{\"event\":\"run_ended\",\"step\":300}"));
        } finally {
            server.stop(0);
        }
        assertThat(asked.get("/api/2.0/mlflow/experiments/create")).contains("\"name\":\"hone\"");
        assertThat(asked.get("/api/2.0/mlflow/runs/log-batch"))
                .contains("\"key\":\"sft.learning_rate\",\"value\":\"0.001\"")
                .contains("\"key\":\"train/loss\",\"value\":0.5,\"timestamp\":1767225600500,\"step\":300");
        assertThat(asked.get("/api/2.0/mlflow-artifacts/artifacts/7/r1/artifacts/report.html"))
                .isEqualTo("<p>report</p>");
        assertThat(asked.get("/api/2.0/mlflow/runs/update")).contains("FINISHED");
        assertThat(asked.get("authorization")).isEqualTo("Bearer secret");
    }
}
