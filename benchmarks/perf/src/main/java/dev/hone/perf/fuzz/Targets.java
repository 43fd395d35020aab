package dev.hone.perf.fuzz;

import dev.hone.checkpoints.Safetensors;
import dev.hone.datasets.pairs.PairReader;
import dev.hone.datasets.sources.Malformed;
import dev.hone.datasets.sources.PairFiles;
import dev.hone.datasets.sources.RowForm;
import dev.hone.datasets.text.ManyTemplates;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.recipe.RecipeReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The parsers that are fuzzed. Their seeds are the repository's own files. */
final class Targets {

    private static final int LONG = 1 << 16;

    /** JavaScript without a compiler takes some ten microseconds for each character of a template. */
    private static final int SHORT = 1 << 7;

    private static final String TEMPLATES = "datasets/src/test/resources/dev/hone/datasets/text/templates";

    private static final String CONVERSATION = """
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 2 + 3?"},
             {"role": "assistant", "content": "5"}, {"role": "user", "content": "And 4?"}],
             "tools": null, "documents": null, "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>",
             "\\u0000now": "2026-01-01T00:00:00"}
            """;

    private final Path repository;
    private final Path scratch;

    /**
     * @param repository its root
     * @param scratch a folder for the file that is parsed
     */
    Targets(Path repository, Path scratch) {
        this.repository = repository;
        this.scratch = scratch;
    }

    List<Target> all() throws IOException {
        return List.of(safetensors(), recipe(), pairs(), template(), longTemplate(), config());
    }

    /** Mutations are of the header's text; most inputs then get the length it really has, so that it is read. */
    private Target safetensors() {
        List<byte[]> seeds = List.of(
                utf8(
                        "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[24,32]}}"),
                utf8("{\"model.embed_tokens.weight\":{\"dtype\":\"F16\",\"shape\":[8,2],\"data_offsets\":[0,32]}}   "),
                utf8("{\"empty\":{\"dtype\":\"I64\",\"shape\":[0],\"data_offsets\":[0,0]},"
                        + "\"scalar\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]},"
                        + "\"u\":{\"dtype\":\"U8\",\"shape\":[24],\"data_offsets\":[8,32]}}"));
        Path file = scratch.resolve("model.safetensors");
        return new Target(
                "safetensors",
                seeds,
                List.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        "\"",
                        ",",
                        ":",
                        "null",
                        "\"dtype\":",
                        "\"F32\"",
                        "\"F8_E4M3\"",
                        "\"shape\":[",
                        "\"data_offsets\":",
                        "\"__metadata__\":{",
                        "\\u0000",
                        "[0,32]",
                        "\uD83D\uDE00"),
                LONG,
                input -> {
                    Files.write(file, framed(input));
                    Safetensors opened = Safetensors.open(file);
                    opened.entries().keySet().forEach(opened::bytes);
                });
    }

    private static byte[] framed(byte[] header) {
        int kind = header.length == 0 ? 0 : (header[header.length - 1] & 0xff) % 16;
        long length =
                switch (kind) {
                    case 0 -> header.length + 1L;
                    case 1 -> Long.MAX_VALUE;
                    case 2 -> -header.length;
                    default -> header.length;
                };
        return ByteBuffer.allocate(Long.BYTES + header.length + 32)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(header)
                .array();
    }

    private Target recipe() throws IOException {
        List<byte[]> seeds = new ArrayList<>(files("recipes", ".yaml"));
        seeds.add(utf8("""
                seed: 3
                model: {path: base, lora: {r: 2, lora_alpha: 4, target_modules: [q_proj, down_proj]}}
                data: [&a {file: a.jsonl, fields: {form: gsm8k}}, *a]
                sft: {max_steps: 5, tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3}
                rl: {max_steps: 4, num_generations: 2, rewards: [{name: accuracy, weight: 2}]}
                """));
        Path file = scratch.resolve("recipe.yaml");
        return new Target(
                "recipe YAML",
                seeds,
                List.of(
                        "&a ",
                        "*a",
                        "<<: *a",
                        "!!python/object/apply:os.system [x]",
                        "!!java.lang.Runtime {}",
                        "!!javax.script.ScriptEngineManager [x]",
                        "---\n",
                        "...\n",
                        "? ",
                        ": ",
                        "- ",
                        "[",
                        "]",
                        "{",
                        "}",
                        "|\n  ",
                        ">-\n  ",
                        "\t",
                        "%YAML 1.1\n",
                        "~",
                        "null",
                        "#",
                        "'",
                        "\"",
                        "\\x00",
                        "\uFEFF",
                        "max_steps: "),
                LONG,
                input -> {
                    Files.write(file, input);
                    RecipeReader.read(file);
                });
    }

    private Target pairs() {
        List<byte[]> seeds = List.of(
                utf8(
                        "{\"id\":\"a\",\"domain\":\"math\",\"prompt\":\"1+1=?\\n\",\"answer\":\"2\",\"response\":\"Answer: 2\","
                                + "\"verifier\":\"math\",\"metadata\":{\"level\":1,\"tests\":[{\"arguments\":[1,2.5e3],\"result\":null}]}}\n"
                                + "{\"id\":\"b\",\"domain\":\"logic\",\"prompt\":\"?\",\"answer\":\"-\",\"verifier\":\"exact\"}\n"),
                utf8("\uFEFF{\"id\":\"\u00e9\\ud83d\\ude00\",\"domain\":\"d\",\"prompt\":\"p\",\"answer\":\"a\","
                        + "\"response\":null,\"verifier\":\"exact\"}\r\n\r\n"));
        Path file = scratch.resolve("pairs.jsonl");
        return new Target(
                "JSONL pairs",
                seeds,
                List.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        "\"",
                        ",",
                        ":",
                        "\n",
                        "\r\n",
                        "\\u0000",
                        "\\ud800",
                        "\0",
                        "null",
                        "true",
                        "\"id\":\"a\"",
                        "\"metadata\":{",
                        "\"verifier\":\"python\"",
                        "\uFEFF",
                        "/*",
                        "//",
                        "1e999999999"),
                LONG,
                input -> {
                    Files.write(file, input);
                    // What trains and what is told apart row by row are read by two ways.
                    if ((input.length & 1) == 0) {
                        PairReader.read(file);
                    } else {
                        new PairFiles(file, RowForm.pairs()).read(Malformed.strict());
                    }
                });
    }

    /** Constructs one by one: a million need to be short. */
    private Target template() {
        return template(
                "chat template",
                List.of(
                        "{% for m in messages %}{{ m['role'] }}: {{ m.content | trim }}\n{% endfor %}",
                        "{%- set ns = namespace(n=0) -%}{% set ns.n = ns.n + 1 %}{{ ns.n }}",
                        "{% macro f(x, y='a') %}{{ x ~ y }}{% endmacro %}{{ f(1, y=1.5) }}",
                        "{% if not tools and x is defined %}{{ bos_token }}{% elif true %}{% else %}{% endif %}",
                        "{{ messages | selectattr('role', 'equalto', 'user') | list | length }}",
                        "{{ messages | map(attribute='content') | join(', ') | upper }}",
                        "{{ 'a,b'.split(',')[1:] + [1, {'k': [none, true]}] }}",
                        "{{ (1 + 2 * 3 - 4) // 2 % 3 }}",
                        "{{ messages[::-1] | tojson }}",
                        "{% for k, v in {'a': 1}.items() if v > 0 %}{{ loop.index }}{% break %}{% endfor %}",
                        "{% generation %}{{ messages[-1].content }}{% endgeneration %}",
                        "{# a comment #}{{- eos_token -}} text"),
                SHORT);
    }

    /** The templates of real models, as long as they are and longer. */
    private Target longTemplate() throws IOException {
        return template(
                "long chat template",
                files(TEMPLATES, ".jinja").stream()
                        .map(seed -> new String(seed, StandardCharsets.UTF_8))
                        .toList(),
                LONG);
    }

    private static Target template(String name, List<String> seeds, int longest) {
        ManyTemplates many = new ManyTemplates(CONVERSATION);
        return new Target(
                name,
                seeds.stream().map(Targets::utf8).toList(),
                List.of(
                        "{{",
                        "}}",
                        "{%",
                        "%}",
                        "{#",
                        "#}",
                        "-%}",
                        "{% endfor %}",
                        "{% if ",
                        "{% endif %}",
                        " | tojson",
                        " | indent(9999999)",
                        "range(99999999)",
                        "''.constructor.constructor('return this')()",
                        ".__proto__",
                        "messages",
                        "[::-1]",
                        " * 99999999",
                        "namespace(",
                        "raise_exception('x')",
                        "loop.index",
                        "{% set ",
                        "{% macro f() %}{{ f() }}{% endmacro %}",
                        "strftime_now('%Y')",
                        "{% generation %}"),
                longest,
                input -> many.render(new String(input, StandardCharsets.UTF_8)));
    }

    private Target config() throws IOException {
        Path folder = Files.createDirectories(scratch.resolve("model"));
        Path file = folder.resolve("config.json");
        return new Target(
                "config.json",
                files("trainer/src/test/resources/parity", "config.json"),
                List.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        "\"",
                        ",",
                        ":",
                        "null",
                        "true",
                        "\"model_type\": \"llama\"",
                        "\"rope_scaling\": {",
                        "\"head_dim\": ",
                        "\"vocab_size\": ",
                        "\"layer_types\": [",
                        "\\u0000"),
                LONG,
                input -> {
                    Files.write(file, input);
                    ModelConfig.read(folder);
                });
    }

    private List<byte[]> files(String folder, String ending) throws IOException {
        List<Path> paths;
        try (Stream<Path> tree = Files.walk(repository.resolve(folder))) {
            paths = tree.filter(path -> path.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
        List<byte[]> contents = new ArrayList<>();
        for (Path path : paths) {
            contents.add(Files.readAllBytes(path));
        }
        return contents;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
