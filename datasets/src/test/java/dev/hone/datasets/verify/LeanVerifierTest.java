package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against stand-ins that speak the protocols; what Lean itself would say is in their answers. */
class LeanVerifierTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String KEY = "theorem two : 1 + 1 = 2 := by sorry";
    private static final String PROOF = "```lean\ntheorem two : 1 + 1 = 2 := by\n  rfl\n```";

    @TempDir
    Path folder;

    private static Verdict verify(
            @Nullable String repl,
            @Nullable String server,
            String key,
            String completion,
            Map<String, Object> metadata) {
        return new LeanVerifier(() -> new VerifierOptions("", repl, server))
                .verify(new Pair("p", "lean", "?", key, null, "lean", metadata), completion);
    }

    @Test
    void saysWhatIsMissingWhereThereIsNoLean() {
        Verdict verdict = verify(null, null, KEY, PROOF, Map.of());

        assertThat(verdict.correct()).isFalse();
        assertThat(verdict.error()).startsWith("lean: there is no Lean to ask; set HONE_LEAN_REPL");
    }

    /** Answers as Lean would for the tactic that the proof ends with. */
    private static String answer(String program) {
        String axioms = program.contains("cheat")
                ? "'two' depends on axioms: [propext, my.own]"
                : program.contains("simp")
                        ? "'two' depends on axioms: [propext,\\n Classical.choice]"
                        : "'two' does not depend on any axioms";
        String said = "{\"severity\": \"info\", \"pos\": {\"line\": 4, \"column\": 0}, \"data\": \"" + axioms + "\"}";
        String error = program.contains("wrong")
                ? "{\"severity\": \"error\", \"pos\": {\"line\": 2, \"column\": 2}, \"data\": \"unknown tactic\\nmore\"}, "
                : "";
        String sorries = program.contains("hole") ? ", \"sorries\": [{\"goal\": \"1 + 1 = 2\"}]" : "";
        return "{\"messages\": [" + error + said + "], \"env\": 0" + sorries + "}";
    }

    private interface Asking {
        Verdict ask(String key, String completion, Map<String, Object> metadata);
    }

    private static void judgesProofs(Asking lean) {
        assertThat(lean.ask(KEY, PROOF, Map.of()).explanation()).isEqualTo("as the key says");
        assertThat(lean.ask(KEY, PROOF.replace("rfl", "simp"), Map.of("header", "import Mathlib"))
                        .explanation())
                .isEqualTo("as the key says");
        assertThat(lean.ask(KEY, PROOF.replace("rfl", "wrong"), Map.of()).explanation())
                .isEqualTo("line 2: unknown tactic");
        assertThat(lean.ask(KEY, PROOF.replace("rfl", "cheat"), Map.of()).explanation())
                .isEqualTo("it rests on my.own");
        assertThat(lean.ask(KEY, PROOF.replace("rfl", "hole"), Map.of()).explanation())
                .isEqualTo("it leaves something unproven");
        assertThat(lean.ask(KEY, PROOF.replace("rfl", "sorry"), Map.of()).explanation())
                .isEqualTo("it uses sorry");
        assertThat(lean.ask(KEY, PROOF.replace("= 2", "= 1 + 1"), Map.of()).explanation())
                .isEqualTo("it does not state the theorem two as given");
        assertThat(lean.ask(KEY, "/- theorem two : 1 + 1 = 2 := -/ theorem two : True := trivial", Map.of())
                        .correct())
                .isFalse();
        assertThat(lean.ask("1 + 1 = 2", PROOF, Map.of()).error()).startsWith("key: ");
        assertThat(lean.ask(KEY, "", Map.of()).explanation()).isEqualTo("no answer found");
    }

    @Test
    void asksAServer() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/verify", exchange -> {
            JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
            String proof = request.path("codes").path(0).path("proof").asString();
            String id = request.path("codes").path(0).path("custom_id").asString();
            String result = proof.contains("slow")
                    ? "\"error\": \"Lean REPL command timed out in 60 seconds\", \"response\": null"
                    : "\"error\": null, \"response\": " + answer(proof);
            byte[] body = ("{\"results\": [{\"custom_id\": \"" + id + "\", " + result + "}]}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(proof.contains("broken") ? 500 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String address = "http://127.0.0.1:" + server.getAddress().getPort();
            judgesProofs((key, completion, metadata) -> verify(null, address, key, completion, metadata));
            assertThat(verify(null, address, KEY, PROOF.replace("rfl", "slow"), Map.of())
                            .error())
                    .startsWith("timeout: ");
            assertThat(verify(null, address, KEY, PROOF.replace("rfl", "broken"), Map.of())
                            .error())
                    .startsWith("server: ");
        } finally {
            server.stop(0);
        }
        assertThat(verify(null, "http://127.0.0.1:1", KEY, PROOF, Map.of()).error())
                .startsWith("server: cannot ask");
    }

    @Test
    void asksARepl() throws IOException {
        Path repl = Files.writeString(folder.resolve("Repl.java"), """
                import java.io.*;
                class Repl {
                    public static void main(String[] arguments) throws Exception {
                        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
                        StringBuilder request = new StringBuilder();
                        for (String line = in.readLine(); line != null; line = in.readLine()) {
                            if (!line.isEmpty()) { request.append(line); continue; }
                            String program = request.toString();
                            request.setLength(0);
                            if (program.contains("slow")) Thread.sleep(60_000);
                            if (program.contains("broken")) System.exit(1);
                            for (String word : new String[] {"wrong", "cheat", "hole", "simp", "rfl"}) {
                                if (program.contains(word)) { System.out.println(answer(word)); break; }
                            }
                            System.out.println();
                            System.out.flush();
                        }
                    }
                    static String answer(String word) {
                        return switch (word) {
                ANSWERS
                            default -> "{}";
                        };
                    }
                }
                """.replace("ANSWERS", answers()));
        String command = Path.of(System.getProperty("java.home"), "bin/java") + " -XX:TieredStopAtLevel=1 " + repl;
        judgesProofs((key, completion, metadata) -> verify(command, null, key, completion, metadata));
        assertThat(verify(command, null, KEY, PROOF.replace("rfl", "slow"), Map.of("timeout_s", 0.5))
                        .error())
                .startsWith("timeout: ");
        assertThat(verify(command, null, KEY, PROOF.replace("rfl", "broken"), Map.of())
                        .error())
                .startsWith("lean: ");
        assertThat(verify(command, null, KEY, PROOF, Map.of()).correct()).isTrue();
        assertThat(verify("/nowhere/repl", null, KEY, PROOF, Map.of()).error()).startsWith("lean: the REPL");
    }

    private static String answers() {
        StringBuilder cases = new StringBuilder();
        for (String word : new String[] {"wrong", "cheat", "hole", "simp", "rfl"}) {
            cases.append("case \"")
                    .append(word)
                    .append("\" -> ")
                    .append(JSON.writeValueAsString(answer(word)))
                    .append(";\n");
        }
        return cases.toString();
    }
}
