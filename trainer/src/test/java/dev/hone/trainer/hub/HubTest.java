package dev.hone.trainer.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubTest {
    private static final Repository MODEL = Repository.of("org/name");
    private static final byte[] CONFIG = "{\"model_type\": \"llama\"}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] WEIGHTS = bytes(50_000);
    private static final String TOKEN = "hf_very_secret";

    @TempDir
    Path cache;

    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        server = new HubServer().with("config.json", CONFIG).with("model.safetensors", WEIGHTS);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theCacheIsLaidOutAsPythonsIs() throws IOException {
        server.with("sub folder/tokenizer.json", new byte[0]).with("pytorch_model.bin", WEIGHTS);
        Path folder = pull(null);
        Path repository = cache.resolve("models--org--name");
        assertThat(folder).isEqualTo(repository.resolve("snapshots").resolve(HubServer.COMMIT));
        assertThat(repository.resolve("refs/main")).hasContent(HubServer.COMMIT);
        assertThat(folder.resolve("config.json")).hasBinaryContent(CONFIG);
        assertThat(folder.resolve("sub folder/tokenizer.json")).isEmptyFile();
        assertThat(Files.readSymbolicLink(folder.resolve("model.safetensors")))
                .isEqualTo(Path.of("../../blobs/" + HubServer.hash("SHA-256", WEIGHTS)));
        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        // Pickled weights are of no use here.
        assertThat(folder.resolve("pytorch_model.bin")).doesNotExist();
        assertThat(blobs()).hasSize(3);
    }

    @Test
    void nothingIsFetchedTwice() {
        Path folder = pull(null);
        int requests = server.fileRequests().size();
        assertThat(pull(null)).isEqualTo(folder);
        assertThat(server.fileRequests()).hasSize(requests);
    }

    @Test
    void whatIsCutGoesOnWhereItStopped() {
        server = fresh().with("model.safetensors", WEIGHTS);
        server.fail(HubServer.CUT);
        assertThat(pull(null).resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(server.fileRequests())
                .containsExactly("/model.safetensors null null", "/model.safetensors bytes=25000-49999 null");
    }

    @Test
    void whatStallsIsGivenUpAndGoesOnWhereItWas() {
        server = fresh().with("model.safetensors", WEIGHTS);
        server.fail(server.stall(), server.stall());
        Path folder = new Hub(settings(null, false), Duration.ofMillis(1), Duration.ofSeconds(1), 1 << 16)
                .pull(MODEL, List.of(), PullProgress.NONE);
        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(server.fileRequests())
                .containsExactly(
                        "/model.safetensors null null",
                        "/model.safetensors bytes=25000-49999 null",
                        "/model.safetensors bytes=37500-49999 null");
    }

    /** Port 1 of this machine refuses; names under {@code .invalid} are never given (RFC 2606). */
    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:1", "http://hub.invalid"})
    @Timeout(10)
    void aHostThatIsNotThereIsSaidSoon(String endpoint) {
        HubSettings settings = new HubSettings(URI.create(endpoint), cache, null, false);
        assertThatThrownBy(() -> new Hub(settings).pull(MODEL, List.of(), PullProgress.NONE))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(URI.create(endpoint).getHost() + " cannot be reached")
                .hasMessageContaining("HF_ENDPOINT");
    }

    @Test
    void faultsThatPassAreTriedAgain() {
        server.fail(HubServer.status(429), HubServer.status(503), HubServer.status(500));
        assertThat(pull(null).resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void wrongBytesAreThrownAwayAndFetchedAnew() throws IOException {
        server.fail(HubServer.WRONG);
        assertThat(pull(null).resolve("config.json")).hasBinaryContent(CONFIG);
        assertThat(blobs()).hasSize(2);
    }

    @Test
    void bytesThatStayWrongAreRefused() throws IOException {
        server.fail(HubServer.WRONG, HubServer.WRONG);
        assertThatThrownBy(() -> pull(null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining("hash");
        assertThat(blobs()).isEmpty();
        assertThat(cache.resolve("models--org--name/snapshots")).doesNotExist();
    }

    @Test
    void largeFilesComeInPartsSideBySideAndGoOnAfterAStop() {
        byte[] large = bytes((1 << 17) + 123);
        server = fresh().with("large.safetensors", large);
        server.fail((exchange, content) -> {
            // The first part fails for good, the others arrive.
            exchange.sendResponseHeaders(400, -1);
            return true;
        });
        assertThatThrownBy(() -> pull(null)).isInstanceOf(UserError.class).hasMessageContaining("HTTP 400");
        Path folder = pull(null);
        assertThat(folder.resolve("large.safetensors")).hasBinaryContent(large);
        assertThat(server.fileRequests()).anyMatch(request -> request.contains("bytes=131072-131194"));
    }

    @Test
    void aServerWithoutRangesServes() {
        byte[] large = bytes((1 << 16) + 5);
        server = fresh().with("large.safetensors", large);
        server.withoutRanges();
        assertThat(pull(null).resolve("large.safetensors")).hasBinaryContent(large);
    }

    @Test
    void theTokenGoesToTheHubAlone() throws IOException {
        server.requireToken(TOKEN);
        assertThat(pull(TOKEN).resolve("config.json")).hasBinaryContent(CONFIG);
        assertThat(server.fileRequests()).allMatch(request -> request.endsWith(" null"));
        assertThat(settings(TOKEN, false).toString()).doesNotContain(TOKEN);
        try (Stream<Path> files = Files.walk(cache)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain(TOKEN);
            }
        }
    }

    @Test
    void withoutATokenTheRefusalSaysWhatToDo() {
        server.requireToken(TOKEN);
        assertThatThrownBy(() -> pull(null)).isInstanceOf(UserError.class).hasMessageContaining("HF_TOKEN");
        assertThatThrownBy(() -> pull("hf_other"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("terms")
                .hasMessageNotContaining("hf_other");
    }

    @Test
    void anUnknownRepositoryIsSaid() {
        assertThatThrownBy(() -> hub(null, false).pull(Repository.of("org/other"), List.of(), PullProgress.NONE))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("org/other@main: the Hub has no such repository");
    }

    @Test
    void offlineTheCacheMustDo() {
        assertThatThrownBy(() -> hub(null, true).pull(MODEL, List.of(), PullProgress.NONE))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("HF_HUB_OFFLINE");
        Path folder = pull(null);
        server.close();
        assertThat(hub(null, true).pull(MODEL, List.of(), PullProgress.NONE)).isEqualTo(folder);
        assertThat(hub(null, true).pull(Repository.of("org/name@" + HubServer.COMMIT), List.of(), PullProgress.NONE))
                .isEqualTo(folder);
    }

    @Test
    void datasetsAreWhole() {
        server.with("data.bin", CONFIG);
        Path folder = hub(null, false).pull(Repository.of("datasets/org/name"), List.of(), PullProgress.NONE);
        assertThat(folder).isEqualTo(cache.resolve("datasets--org--name/snapshots/" + HubServer.COMMIT));
        assertThat(folder.resolve("data.bin")).hasBinaryContent(CONFIG);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../escape.json", "/etc/passwd", "a/../../b", "a//b", "c:\\x"})
    void aFileThatWouldLeaveItsFolderIsRefused(String path) {
        server.with(path, CONFIG);
        assertThatThrownBy(() -> pull(null)).isInstanceOf(UserError.class).hasMessageContaining("unsafe name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b/c", "org/na me", "../x", "org/name@", "org/..", "a--b/c"})
    void whatNamesNoRepositoryIsRefused(String text) {
        assertThatThrownBy(() -> Repository.of(text)).isInstanceOf(UserError.class);
    }

    @Test
    void theEnvironmentMeansWhatItMeansToPython() {
        Path home = Path.of("/home/me");
        assertThat(HubSettings.of(Map.of(), home).cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(HubSettings.of(Map.of("HF_HOME", "~/hf"), home).cache()).isEqualTo(home.resolve("hf/hub"));
        assertThat(HubSettings.of(Map.of("XDG_CACHE_HOME", "/x"), home).cache())
                .isEqualTo(Path.of("/x/huggingface/hub"));
        HubSettings settings = HubSettings.of(
                Map.of(
                        "HF_HUB_CACHE",
                        "/c",
                        "HF_HOME",
                        "/h",
                        "HF_TOKEN",
                        " t ",
                        "HF_ENDPOINT",
                        "http://mirror/",
                        "HF_HUB_OFFLINE",
                        "1"),
                home);
        assertThat(settings.cache()).isEqualTo(Path.of("/c"));
        assertThat(settings.token()).isEqualTo("t");
        assertThat(settings.endpoint()).hasToString("http://mirror");
        assertThat(settings.offline()).isTrue();
    }

    private HubServer fresh() {
        server.close();
        try {
            return new HubServer();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path pull(@Nullable String token) {
        return hub(token, false).pull(MODEL, List.of(), PullProgress.NONE);
    }

    private Hub hub(@Nullable String token, boolean offline) {
        return new Hub(settings(token, offline), Duration.ofMillis(1), Duration.ofSeconds(30), 1 << 16);
    }

    private HubSettings settings(@Nullable String token, boolean offline) {
        return new HubSettings(server.endpoint(), cache, token, offline);
    }

    private List<Path> blobs() throws IOException {
        try (Stream<Path> blobs = Files.list(cache.resolve("models--org--name/blobs"))) {
            return blobs.toList();
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
