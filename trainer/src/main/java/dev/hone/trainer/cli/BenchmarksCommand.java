package dev.hone.trainer.cli;

import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.benchmarks.FewShot;
import dev.hone.benchmarks.Protocol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "benchmarks",
        description = "Lists the published benchmarks hone can answer and grade, or says all of one.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone benchmarks                     # one line each",
            "  hone benchmarks gpqa_diamond        # source, licence, prompt, verifier, protocol",
            "  hone benchmarks my.yaml             # check a description of your own",
            "  hone pull --benchmark gpqa_diamond  # fetch its data from the Hub"
        })
final class BenchmarksCommand implements Runnable {

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "A name of the list, or a description in YAML.")
    private @Nullable String name;

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        List<CatalogueEntry> entries = name == null
                ? Catalogue.names().stream().map(Catalogue::named).toList()
                : List.of(Catalogue.named(name));
        if (json.on) {
            System.out.println(new JsonMapper().writeValueAsString(name == null ? entries : entries.get(0)));
        } else if (name == null) {
            list(entries);
        } else {
            described(entries.get(0)).forEach((key, value) -> System.out.printf("%-20s%s%n", key, value));
        }
    }

    /** What {@code hone eval --list} prints, too. */
    static void list(List<CatalogueEntry> entries) {
        for (CatalogueEntry entry : entries) {
            System.out.printf("%-19s %-13s %-16s %s%n", entry.name(), entry.domain(), entry.verifier(), entry.about());
        }
    }

    private static String fewShot(FewShot examples) {
        return "%d, %s, of %s, response %s"
                .formatted(
                        examples.number(),
                        examples.sampler(),
                        examples.files().isEmpty() ? examples.file() : String.join(", ", examples.files()),
                        new JsonMapper().writeValueAsString(examples.response()));
    }

    private static Map<String, String> described(CatalogueEntry entry) {
        Protocol protocol = entry.protocol();
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put(entry.name(), entry.about());
        lines.put(
                "source",
                entry.source()
                        + (entry.source().hub() == null
                                ? ""
                                : ", " + entry.source().url()));
        lines.put("files", String.join(", ", entry.source().files()));
        lines.put("licence", entry.licence());
        lines.put("prompt", new JsonMapper().writeValueAsString(entry.prompt()));
        lines.put("verifier", entry.verifier());
        lines.put(
                "protocol",
                String.format(
                        Locale.ROOT,
                        "avg@%d, temperature %s, top-k %s, top-p %s, at most %,d tokens%s",
                        protocol.attempts(),
                        protocol.temperature(),
                        protocol.topK() == null ? "off" : protocol.topK(),
                        protocol.topP(),
                        protocol.maxTokens(),
                        protocol.until().isEmpty()
                                ? ""
                                : ", until " + new JsonMapper().writeValueAsString(protocol.until())));
        if (entry.fewshot() != null) {
            lines.put("fewshot", fewShot(entry.fewshot()));
        }
        return lines;
    }
}
