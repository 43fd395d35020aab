package dev.hone.trainer.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.CatalogueEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A benchmark's data come from the Hub: its files alone, and what they hold is read. */
class BenchmarkPullTest {

    @TempDir
    Path folder;

    @Test
    void onlyItsFilesAreFetchedAndRead() throws IOException {
        byte[] problems = "{\"problem\": \"1 + 1?\", \"answer\": \"2\"}\n".getBytes(StandardCharsets.UTF_8);
        CatalogueEntry entry = Catalogue.named(
                Files.writeString(folder.resolve("own.yaml"), """
                name: own
                source: {hub: org/name, files: ["test*.jsonl"], url: https://example.org}
                prompt: "{problem}\\n"
                answer: "{answer}"
                verifier: math
                protocol: {attempts: 1, temperature: 0, top_p: 1, max_tokens: 8, seed: 0}
                """).toString());
        try (HubServer server = new HubServer()
                .with("data/test.jsonl", problems)
                .with("data/train.jsonl", problems)
                .with("README.md", new byte[10])) {
            HubSettings settings = new HubSettings(server.endpoint(), folder.resolve("hub"), null, false);
            Path snapshot = new Hub(settings, Duration.ofMillis(1), Duration.ofSeconds(30), 1 << 20)
                    .pull(
                            Repository.of(entry.source().toString()),
                            entry.source().files(),
                            PullProgress.NONE);

            Benchmark benchmark = entry.readSnapshot(snapshot);

            assertThat(server.fileRequests()).hasSize(1).first().asString().startsWith("/data/test.jsonl");
            assertThat(snapshot.toString()).contains("datasets--org--name");
            assertThat(benchmark.pairs()).hasSize(1);
            assertThat(benchmark.pairs().get(0).prompt()).isEqualTo("1 + 1?\n");
        }
    }
}
