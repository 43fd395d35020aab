package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.hone.trainer.cli.HoneProcess;
import dev.hone.trainer.cli.Recipes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Services that a run asks, and that are down. */
final class ServiceFaults {

    private ServiceFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault(
                        "reward-service-down",
                        "stops with 2 and a sentence; goes on with the same bits once it is back",
                        ServiceFaults::reward),
                new Fault(
                        "reference-api-down",
                        "stops with 2 and a sentence; what was answered is not asked again",
                        ServiceFaults::reference));
    }

    private static String reward(Path directory) throws Exception {
        try (Service service = new Service("{\"reward\": 0.5}")) {
            Path recipe = Recipes.preferringAndReinforcing(directory);
            Files.writeString(
                    recipe,
                    Files.readString(recipe)
                            .replace("- {name: accuracy, weight: 2}", "- {name: http, url: " + service.url() + "}"));
            HoneRun whole = HoneRun.undisturbed(recipe);
            int asked = service.asked();
            HoneRun run = HoneRun.of(recipe, "unserved");
            service.refuseAfter(asked + asked / 2);
            run.ends(run.train(), 2);
            String sentence = sentence(run.said());
            assertThat(sentence).contains("mend the reward and resume the run");
            service.refuseAfter(Integer.MAX_VALUE);
            run.ends(run.resume(), 0);
            Bits.same(run, whole);
            return sentence;
        }
    }

    private static String reference(Path directory) throws Exception {
        Path tasks = directory.resolve("tasks.jsonl");
        Files.writeString(tasks, """
                {"prompt": "Prove that the sum of two odd numbers is even."}
                {"prompt": "Prove that there are infinitely many primes."}
                {"prompt": "Prove that the square root of two is irrational."}
                """);
        try (Service service = new Service("""
                {"choices": [{"message": {"role": "assistant", "content": "What is 3 + 4? Answer: 7"},
                "finish_reason": "stop"}], "usage": {"prompt_tokens": 5, "completion_tokens": 5}}""")) {
            service.refuseAfter(2);
            String[] command = {
                "synthesize",
                tasks.toString(),
                "--rewrite",
                "proof-to-numeric",
                "--output",
                directory.resolve("out.jsonl").toString(),
                "--endpoint",
                service.url() + "/v1",
                "--model",
                "m",
                "--retries",
                "1",
                "--concurrency",
                "1"
            };
            Path log = directory.resolve("down.log");
            assertThat(HoneProcess.run(log, command)).as(Files.readString(log)).isEqualTo(2);
            String sentence = sentence(Files.readString(log));
            assertThat(sentence).isNotEmpty().doesNotContain("Exception:");
            service.refuseAfter(Integer.MAX_VALUE);
            assertThat(HoneProcess.run(log, command)).as(Files.readString(log)).isZero();
            int asked = service.asked();
            // All is in the cache now.
            Files.deleteIfExists(directory.resolve("out.jsonl"));
            assertThat(HoneProcess.run(log, command)).isZero();
            assertThat(service.asked()).isEqualTo(asked);
            return sentence;
        }
    }

    private static String sentence(String said) {
        return said.lines()
                .filter(line -> line.startsWith("hone: "))
                .reduce((first, second) -> second)
                .orElse("");
    }

    /** Answers every request the same, until it no longer does. */
    private static final class Service implements AutoCloseable {

        private final HttpServer server;
        private final AtomicInteger asked = new AtomicInteger();
        private volatile int limit = Integer.MAX_VALUE;

        Service(String answer) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                exchange.getRequestBody().readAllBytes();
                boolean down = asked.get() >= limit;
                byte[] body = (down ? "down for maintenance" : answer).getBytes(StandardCharsets.UTF_8);
                if (!down) {
                    asked.incrementAndGet();
                }
                exchange.sendResponseHeaders(down ? 503 : 200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
        }

        String url() {
            return "http://localhost:" + server.getAddress().getPort();
        }

        int asked() {
            return asked.get();
        }

        /** From so many answers on it is down. */
        void refuseAfter(int answers) {
            limit = answers;
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
