package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hone.checkpoints.RunLock;
import dev.hone.kernels.Devices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a user gets wrong is said in one sentence, with exit code 2, and costs nothing that was there. */
class BadInputTest {

    private static final String HEAD =
            "model: {tokenizer: " + Recipes.TOKENIZER + ", config: {hidden_size: 16, intermediate_size: 24,"
                    + " num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 128}}\n";
    private static final String PAIR =
            "{\"id\":\"a\",\"domain\":\"math\",\"prompt\":\"1+1=?\\n\",\"answer\":\"2\",\"response\":\"Answer: 2\",\"verifier\":\"math\"}";

    /** What is said first of all where the build left the native library out: no part of what is refused. */
    private static final String FALLBACK = "hone: The fast cpu device is not available";

    @TempDir
    private Path directory;

    /** A recipe after {@code HEAD}, or the whole of it; then what the one sentence must hold. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "data: [{file: missing.jsonl}]|missing.jsonl: no such file; give the path of a file of pairs",
                "data: [{file: broken.jsonl}]|broken.jsonl:2: not valid JSON",
                "data: [{file: verifier.jsonl}]|Unknown verifier \"mth\", did you mean \"math\"?",
                "data: [{file: latin1.jsonl}]|latin1.jsonl:1: not UTF-8",
                "data: [{file: twice.jsonl}]|twice.jsonl:2: id \"a\" is already that of",
                "data: [{file: keyless.jsonl}]|keyless.jsonl:1: field \"answer\" is missing or empty; give it a string",
                "data: [{file: unanswered.jsonl}]|Pair a has no response to train on",
                "data: [{file: long.jsonl}]\\nsft: {max_length: 32}|Pair a has 67 tokens, longer than max_length 32; raise max_length, or leave such pairs out by excess_length_strategy: drop",
                "data: [{generator: arithmetik, count: 5}]|Unknown task generator \"arithmetik\", did you mean \"arithmetic\"?",
                "data: [{generator: arithmetic, count: 5, levels: [99]}]|has levels 1 to",
                "data: [{generator: arithmetic}]|count is missing; say how many pairs the generator makes",
                "data: [{file: good.jsonl, generator: arithmetic}]|expected one of file, dataset, generator and benchmark; give one of them",
                "data: [{file: good.jsonl}]\\nsft: {max_step: 5}|unknown key sft.max_step; did you mean \"max_steps\"?",
                "data: [{file: good.jsonl}]\\nsft: {max_steps: many}|sft.max_steps: expected a whole number",
                "data: [{file: good.jsonl}]\\nsft: {warmup_ratio: 2}|sft.warmup_ratio: expected a number from 0 to 1, found 2",
                "data: [{file: good.jsonl}]\\ndevice: tpu|device: expected one of auto, cpu, nd4j, cuda",
                "data: [{file: good.jsonl}]\\ndomains: [{name: a}]|expected either data (plain fine-tuning) or domains",
                "seed: 1|expected either data (plain fine-tuning) or domains",
                "data: [}|not valid YAML",
                "domains: [{name: a/b, candidates: [{file: good.jsonl}], validation: [{file: good.jsonl}], benchmark: [{file: good.jsonl}]}]|a domain's name: expected letters, digits, - and _",
                "domains: [{name: math, candidates: [{file: good.jsonl}], validation: [{file: good.jsonl}]}]|the domain math has no benchmark",
                "data: [{file: good.jsonl}]\\ncurate: {min_pass_rate: 0.9, max_pass_rate: 0.1}|curate.min_pass_rate: expected at most max_pass_rate; lower it",
                "data: [{file: good.jsonl}]\\nevaluation: {attempts: 4, benchmark: [{file: good.jsonl}]}|4 attempts at temperature 0 are all alike",
                "data: [{file: good.jsonl}]\\n\tseed: 1|recipe.yaml:3: not valid YAML: found character",
                "data: [{file: empty.jsonl}]|empty.jsonl holds no pairs; name files that do",
                "data: [{file: table.csv, fields: {prompt: q, answer: b}}]|table.csv:2: field \"q\" is missing or empty; the row has a, b",
                "data: [{file: .}]|is a folder; name its files, such as",
                "data: [{file: good.jsonl}]\\nrl: {rewards: [{name: java}]}|rl.rewards: java needs the key class_name; add it",
                "data: [{file: good.jsonl}]\\nsft: {adam_beta1: 1}|sft.adam_beta1: expected less than 1; lower it",
                "data: [{file: good.jsonl}]\\nrl: {num_generations: 1}|rl.num_generations: expected a whole number of at least 2, found 1",
            })
    void aRecipe(String rest, String sentence) throws IOException {
        dataFiles();
        Path run = directory.resolve("run");
        refuses(
                sentence,
                "train",
                recipe(HEAD + rest.replace("\\n", "\n") + "\n").toString(),
                "--strict",
                "--output-dir",
                run.toString());
        assertThat(run.resolve("checkpoints")).doesNotExist();
        assertThat(run.resolve("recipe.yaml"))
                .as("so that the run can be started again")
                .doesNotExist();
    }

    @Test
    void aModelLargerThanTheMachine() throws IOException {
        dataFiles();
        Path run = directory.resolve("run");
        refuses(
                "cannot allocate",
                "train",
                recipe(HEAD.replace(
                                                "hidden_size: 16, intermediate_size: 24",
                                                "hidden_size: 65536, intermediate_size: 262144")
                                        .replace("num_hidden_layers: 1", "num_hidden_layers: 80")
                                + "data: [{file: good.jsonl}]\n")
                        .toString(),
                "--output-dir",
                run.toString());
        assertThat(run.resolve("recipe.yaml"))
                .as("so that the run can be started again")
                .doesNotExist();
    }

    @Test
    void theCudaDeviceWhereThereIsNone() throws IOException {
        assumeThat(Devices.all()).noneMatch(device -> device.name().equals("cuda") && device.available());
        dataFiles();
        refuses(
                "The cuda device is not available: ",
                "train",
                recipe(HEAD + "data: [{file: good.jsonl}]\ndevice: cuda\n").toString(),
                "--output-dir",
                directory.resolve("run").toString());
    }

    @Test
    void withoutStrictAMalformedRowIsSetAsideAndTheRestIsTaken() throws IOException {
        dataFiles();
        Path run = directory.resolve("run");

        Cli ran = Cli.run(
                "train",
                recipe(HEAD + "data: [{file: broken.jsonl}]\nsft: {max_steps: 1}\n")
                        .toString(),
                "--output-dir",
                run.toString());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(Files.readAllLines(run.resolve("malformed/data-1.jsonl")))
                .singleElement()
                .asString()
                .contains("\"line\":2,\"kind\":\"syntax\"");
        refuses(
                "None of the 1 rows of " + directory.resolve("latin1.jsonl") + " is a pair; the first is ",
                "train",
                recipe(HEAD + "data: [{file: latin1.jsonl}]\n").toString(),
                "--output-dir",
                directory.resolve("other").toString());
    }

    /** A command, with {@code {dir}} for a folder of {@link #dataFiles} and {@code {model}} for a model. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "serve {model} --api-key-env HONE_NO_SUCH_KEY|The environment variable HONE_NO_SUCH_KEY is not set",
                "serve {dir}|is no model: expected a folder with config.json",
                "serve {model} --chat-template {dir}/no.jinja|no.jinja: cannot be read as UTF-8 text",
                "chat {dir}|is no model: expected a folder with config.json",
                "export {model} --to {dir}|is there already; name a folder that is not, or remove it",
                "export {model} --to {dir}/x --dtype int4|--dtype is 'int4' but must be float32, bfloat16 or float16",
                "export {dir} --to {dir}/x|is no model: expected a folder with config.json",
                "pull ../../etc/passwd|names no repository; write org/name",
                "pull a/b/c/d|names no repository; write org/name",
                "pull datasets/../x|names no repository; write org/name",
                "pull --benchmark gsm9k|Unknown benchmark \"gsm9k\", did you mean \"gsm8k\"?",
                "pull --benchmark {dir}/own.yaml|The benchmark own is not on the Hub; fetch q.jsonl from https://example.org into DIR/own and give --data DIR",
                "pull|expected either a repository or --benchmark; give one of the two",
                "pull org/name --benchmark gsm8k|expected either a repository or --benchmark; give one of the two",
                "plan {dir}/no.yaml|There is no recipe",
                "plan {dir}/broken.jsonl|broken.jsonl:2: not valid YAML",
                "curate {dir}/plain.yaml --output {dir}/x|has no domains; curation needs a recipe that lists it under domains",
                "verify|Nothing to verify",
                "verify --verifier mth --answer 1 1|Unknown verifier \"mth\", did you mean \"math\"?",
                "verify --verifier math --answer 1 --metadata [] 1|--metadata must be a JSON object",
                "verify --json {dir}/no.jsonl|Cannot read",
                "verify --json {dir}/broken.jsonl|could not be read; \"error\" in their place says why",
                "keys {dir}/no.jsonl --output {dir}/x --endpoint http://127.0.0.1:1/v1 --model m|no.jsonl: no such file",
                "keys {dir}/good.jsonl --output {dir}/x --endpoint ftp://127.0.0.1/v1 --model m|The endpoint ftp://127.0.0.1 is no base URL",
                "keys {dir}/questions.jsonl --output {dir}/x --endpoint http://127.0.0.1:1/v1 --model m --api-key-env HONE_NO_SUCH_KEY|The environment variable HONE_NO_SUCH_KEY is not set",
                "keys {dir}/questions.jsonl --output {dir}/x --endpoint http://127.0.0.1:1/v1 --model m --answers 0|answers is 0",
                "keys {dir}/questions.jsonl --output {dir}/x --endpoint http://127.0.0.1:1/v1 --model m --agreement 2|agreement is 2.0",
                "keys {dir}/questions.jsonl --output {dir}/x --endpoint http://127.0.0.1:1/v1 --model m --concurrency 0|concurrency is 0 but must be",
                "keys {dir}/questions.jsonl --output {dir}/x --endpoint http://127.0.0.1:1/v1 --model m --verifier mth|Unknown verifier \"mth\"",
                "synthesize {dir}/no.jsonl --output {dir}/x --rewrite explain-to-compute --endpoint http://127.0.0.1:1/v1 --model m|no.jsonl: no such file",
                "generate {model} --prompt 1 --samples 0|--samples is 0 but must be 1 or more",
                "generate {model} --prompt 1 --top-p 2|--top-p is 2.0 but must be above 0 and at most 1",
                "generate {model} --prompt 1 --temperature NaN|--temperature is NaN but must be 0 or more",
                "generate {model} --prompt 1 --max-tokens 0|--max-tokens is 0 but must be 1 or more",
                "chat {model} --top-k -1|--top-k is -1 but must be 0 or more",
                "export {model} --to {dir}/good.jsonl/x|good.jsonl/x: cannot be written",
                "train {dir}/plain.yaml --output-dir {dir}/good.jsonl|good.jsonl (it is a file); choose a directory",
                "train {dir}/plain.yaml --output-dir {dir}/x --set sft.max_step=1|--set sft.max_step=1: unknown key sft.max_step; did you mean \"max_steps\"?",
                "train {dir}/list.yaml --output-dir {dir}/x --set seed=2|list.yaml: a recipe: expected a section with keys, found a list",
                "plan {dir}/plain.yaml --set seed|--set seed: expected key=value",
                "generate {model} --prompt 1 --device tpu|says which devices work here",
                "eval {model} --file {dir}/no.jsonl|no.jsonl: no such file",
                "eval {model} --file {dir}/empty.jsonl|Benchmark empty has no problems",
                "eval {model} --file {dir}/twice.jsonl|id \"a\" is already that of line 1",
                "eval {model} --file {dir}/good.jsonl --attempts 3|3 attempts at temperature 0 are all alike",
                "eval {model} --file {dir}/good.jsonl --max-tokens 0|max_tokens is 0, at least 1 expected",
                "eval {model} --file {dir}/good.jsonl --top-p 0|top_p is 0.0, above 0 and at most 1 expected",
                "eval {model} --file {dir}/good.jsonl --limit 0|--limit is 0, at least 1 expected",
                "eval {model} --file {dir}/good.jsonl --apply-chat-template sometimes|Invalid value for option '--apply-chat-template'",
                "eval {model} --benchmark {dir}/own.yaml --data {dir}|of benchmark own; fetch it from https://example.org",
                "eval {model} --benchmark {dir}/misspelt.yaml|misspelt.yaml: Unknown key \"promt\", did you mean \"prompt\"?",
                "eval --benchmark gsm8k|Missing required parameter: 'MODEL'",
                "eval {model} --file {dir}/good.jsonl --output {dir}/good.jsonl/x|Cannot write",
                "benchmarks gsm9k|Unknown benchmark \"gsm9k\", did you mean \"gsm8k\"?",
                "benchmarks {dir}/no.yaml|There is no benchmark",
                "compare {dir}/no.json {dir}/no.json|Cannot read the evaluation",
                "compare {dir}/good.jsonl {dir}/good.jsonl|is not an evaluation's result",
                "compare {dir} {dir}|have no result of the same name; give two folders that",
                "contamination --file {dir}/good.jsonl {dir}/no.jsonl|no.jsonl: no such file",
                "contamination --file {dir}/good.jsonl {dir}|is no frozen dataset: it has no pairs.jsonl",
                "contamination --file {dir}/good.jsonl --words -1 {dir}/good.jsonl|--words is -1, at least 0 expected",
                "contamination {dir}/good.jsonl|expected either --benchmark or --file; give one of the two",
                "contamination --file {dir}/good.jsonl {dir}/broken.jsonl|broken.jsonl:2: not valid JSON",
            })
    void aCommand(String command, String sentence) throws IOException {
        dataFiles();
        Path model = Recipes.TOKENIZER.resolveSibling("base");
        refuses(
                sentence,
                command.replace("{dir}", directory.toString())
                        .replace("{model}", model.toString())
                        .split(" "));
        assertThat(directory.resolve("x")).doesNotExist();
    }

    private void dataFiles() throws IOException {
        write("empty.jsonl", "");
        write("list.yaml", "- a\n");
        write("table.csv", "a,b\n1,2\n");
        write("questions.jsonl", "{\"prompt\": \"1+1=?\"}");
        write("plain.yaml", HEAD + "data: [{file: good.jsonl}]\n");
        String own =
                "name: own\nsource: {files: [q.jsonl], url: https://example.org}\nprompt: \"{q}\"\nanswer: \"{a}\"\n"
                        + "verifier: math\nprotocol: {attempts: 1, temperature: 0, top_p: 1, max_tokens: 8, seed: 0}\n";
        write("own.yaml", own);
        write("misspelt.yaml", own.replace("prompt:", "promt:"));
        write("good.jsonl", PAIR);
        write("broken.jsonl", PAIR + "\n{\"id\": \"b\", ");
        write("verifier.jsonl", PAIR.replace("\"verifier\":\"math\"", "\"verifier\":\"mth\""));
        write("twice.jsonl", PAIR + "\n" + PAIR);
        write("keyless.jsonl", PAIR.replace("\"answer\":\"2\",", ""));
        write("unanswered.jsonl", PAIR.replace("\"response\":\"Answer: 2\",", ""));
        write("long.jsonl", PAIR.replace("Answer: 2", "1".repeat(60)));
        Files.write(directory.resolve("latin1.jsonl"), PAIR.replace("1+1", "é").getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void aRecipeThatIsNotThere() {
        refuses("There is no recipe", "train", directory.resolve("no.yaml").toString());
    }

    @Test
    void aRunThatIsNone() {
        refuses("is not a run: it has no recipe.yaml", "resume", directory.toString());
        refuses("is not a run: it has no recipe.yaml", "report", directory.toString());
    }

    @Test
    void momentsThatWereKeptInAnotherWay() throws IOException {
        refuses(
                "optimizer.safetensors holds the moments of optim: adamw, but the recipe asks for adamw_8bit;"
                        + " set optim to adamw to go on from there",
                "resume",
                finishedRun().toString(),
                "--from",
                "2",
                "--set",
                "sft.optim=adamw_8bit");
    }

    @Test
    void aModelThatIsNone() {
        refuses("is no model: expected a folder with config.json", "generate", directory.toString(), "--prompt", "1");
    }

    @Test
    void questionsThatAreNone() throws Exception {
        Path run = finishedRun();
        refuses("There is nothing to complete; give --prompt or --file", "generate", run.toString());
        refuses(
                "no.txt cannot be read",
                "generate",
                run.toString(),
                "--file",
                directory.resolve("no.txt").toString());
        refuses("at temperature 0 are all alike", "generate", run.toString(), "--prompt", "1", "--samples", "2");
        refuses("expected either --benchmark or --file", "eval", run.toString());
        refuses("Unknown benchmark \"gsm8\", did you mean \"gsm8k\"?", "eval", run.toString(), "--benchmark", "gsm8");
        refuses(
                "Cannot read the evaluation",
                "eval",
                run.toString(),
                "--benchmark",
                "gsm8k",
                "--against",
                directory.resolve("no.json").toString());
    }

    @Test
    void aTokenizerOfAnotherModel() throws Exception {
        Path model = model(finishedRun());
        Path config = model.resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replaceFirst("\"vocab_size\" : \\d+", "\"vocab_size\" : 40"));
        refuses(
                "but the model's vocab_size is 40; give the tokenizer that belongs to the model",
                "generate",
                model.toString(),
                "--prompt",
                "1");
    }

    @Test
    void aTokenizerThatBreaksOff() throws Exception {
        Path model = model(finishedRun());
        Files.writeString(model.resolve("tokenizer.json"), "{\"version\": ");
        refuses("tokenizer.json: not a tokenizer.json (Unexpected end", "generate", model.toString(), "--prompt", "1");
    }

    @Test
    void damagedWeights() throws Exception {
        Path model = model(finishedRun());
        Path weights = model.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(whole, whole.length / 2));
        refuses("model.safetensors", "generate", model.toString(), "--prompt", "1");
        Files.delete(weights);
        refuses("model.safetensors", "generate", model.toString(), "--prompt", "1");
    }

    @Test
    void aDamagedCheckpointIsPassedOver() throws Exception {
        Path run = finishedRun();
        Files.delete(run.resolve("summary.json"));
        Path newest = checkpoints(run).get(1);
        Files.write(newest.resolve("model/model.safetensors"), new byte[100]);

        Cli resumed = Cli.run("resume", run.toString());

        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("resumed from " + checkpoints(run).get(0));
    }

    @Test
    void aRunIsNotOverwrittenUnasked() throws Exception {
        Path run = finishedRun();
        byte[] before = Files.readAllBytes(run.resolve("events.jsonl"));
        refuses(
                "holds a run already; go on with it by `hone resume " + run + "`",
                "train",
                Recipes.fineTuning(directory, 4).toString(),
                "--output-dir",
                run.toString());
        assertThat(Files.readAllBytes(run.resolve("events.jsonl"))).isEqualTo(before);
    }

    @Test
    void aCompleteRunIsNotChangedButFromOneOfItsSteps() throws Exception {
        refuses(
                "is complete, so nothing follows that --set could change; name the step to go on from by --from",
                "resume",
                finishedRun().toString(),
                "--set",
                "sft.max_steps=6");
    }

    @Test
    void whatNoRunMadeIsNeitherUsedNorDeleted() throws Exception {
        Path recipe = Recipes.fineTuning(directory, 4);
        Path project = directory.resolve("project");
        Path own = Files.createDirectories(project.resolve("datasets")).resolve("mine.jsonl");
        Files.writeString(own, PAIR);
        String sentence = project.resolve("datasets") + " is there already, and no run made it";

        refuses(sentence, "train", recipe.toString(), "--output-dir", project.toString());
        refuses(sentence, "train", recipe.toString(), "--output-dir", project.toString(), "--overwrite");
        refuses("has an empty name", "train", recipe.toString(), "--output-dir", "");

        assertThat(own).hasContent(PAIR);
        assertThat(project).isDirectoryNotContaining(file -> !file.endsWith("datasets"));
    }

    @Test
    void aRunInUse() throws Exception {
        Path recipe = Recipes.fineTuning(directory, 4);
        Path run = directory.resolve("used");
        try (RunLock lock = RunLock.acquire(run)) {
            refuses("is in use by process", "train", recipe.toString(), "--output-dir", run.toString());
        }
    }

    @Test
    void aPlaceThatCannotBeWritten() throws Exception {
        Path recipe = Recipes.fineTuning(directory, 4);
        Path file = write("file", "");
        refuses(
                "Cannot write",
                "train",
                recipe.toString(),
                "--output-dir",
                file.resolve("run").toString());
    }

    @Test
    void aDiskThatFillsUp() throws Exception {
        Path disk = Files.createDirectories(directory.resolve("disk"));
        assumeThat(succeeds("mount", "-t", "tmpfs", "-o", "size=150k", "tmpfs", disk.toString()))
                .as("may mount a tmpfs")
                .isTrue();
        try {
            Path recipe = Recipes.fineTuning(directory, 400);
            Path run = disk.resolve("run");
            Cli full = Cli.run("train", recipe.toString(), "--output-dir", run.toString());
            assertThat(full.exitCode()).as(full.err()).isEqualTo(2);
            assertThat(full.err()).containsAnyOf("The disk is full while writing", "No space left on device");
            for (Path checkpoint : checkpoints(run)) {
                assertThat(checkpoint.resolve("manifest.json")).exists();
            }
        } finally {
            succeeds("umount", "--lazy", disk.toString());
        }
    }

    @Test
    void aLossThatIsNoNumber() throws Exception {
        Path recipe = Recipes.fineTuning(directory, 40);
        Files.writeString(recipe, Files.readString(recipe).replace("learning_rate: 1.0e-3", "learning_rate: 1.0e+30"));
        Path run = directory.resolve("diverged");
        refuses("both must be finite; lower learning_rate", "train", recipe.toString(), "--output-dir", run.toString());
        try (Stream<Path> files = Files.list(run)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .anyMatch(name -> name.startsWith("nonfinite-step-"));
        }
    }

    // ---- helpers ---------------------------------------------------------------------------------------------------

    private static void refuses(String sentence, String... command) {
        Cli refused = Cli.run(command);
        assertThat(refused.err()).contains(sentence);
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
        assertThat(refused.err().lines().filter(line -> line.startsWith("hone: ") && !line.startsWith(FALLBACK)))
                .as("one sentence, no stack trace: " + refused.err())
                .hasSize(1);
        assertThat(refused.err()).doesNotContain("\tat ").doesNotContain("[Source");
    }

    private Path finishedRun() throws IOException {
        Path run = directory.resolve("finished");
        Cli trained = Cli.run("train", Recipes.fineTuning(directory, 4).toString(), "--output-dir", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        return run;
    }

    /** A copy of the run's model. */
    private Path model(Path run) throws IOException {
        Path copy = Files.createDirectories(directory.resolve("model"));
        try (Stream<Path> files = Files.list(checkpoints(run).get(1).resolve("model"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return copy;
    }

    private static List<Path> checkpoints(Path run) throws IOException {
        try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
            return all.filter(path -> path.getFileName().toString().startsWith("step-"))
                    .sorted()
                    .toList();
        }
    }

    private Path recipe(String text) throws IOException {
        return write("recipe.yaml", text);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }
}
