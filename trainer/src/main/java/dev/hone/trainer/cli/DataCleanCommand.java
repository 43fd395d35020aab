package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.CharacterLimits;
import dev.hone.datasets.curate.Cleaning;
import dev.hone.datasets.curate.Decontaminator;
import dev.hone.datasets.curate.Deduplicator;
import dev.hone.datasets.curate.DroppedLog;
import dev.hone.datasets.curate.LanguageFilter;
import dev.hone.datasets.curate.PairRule;
import dev.hone.datasets.curate.QualityRules;
import dev.hone.datasets.curate.ScriptFilter;
import dev.hone.datasets.curate.TeachabilityReport;
import dev.hone.datasets.pairs.DatasetFreezer;
import dev.hone.datasets.pairs.FrozenDataset;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Provenance;
import dev.hone.datasets.sources.Form;
import dev.hone.datasets.sources.Malformed;
import dev.hone.datasets.sources.PairFiles;
import dev.hone.datasets.sources.PairStream;
import dev.hone.datasets.sources.Quarantine;
import dev.hone.datasets.sources.RowForm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "clean",
        description =
                "Drops damaged, duplicate and contaminated pairs, freezes the others, and reports what was left out"
                        + " and why.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone data clean train.jsonl --output datasets --against gsm8k-test.jsonl",
            "  hone data clean 'raw/*.parquet' --form alpaca --output datasets --domain chat --script latin",
            "",
            "The frozen dataset lies in OUTPUT/DOMAIN/HASH/ with its manifest and data card. Beside it, in"
                    + " OUTPUT/DOMAIN.dropped.jsonl, each pair left out with its reason, and in"
                    + " OUTPUT/DOMAIN.quarantine.jsonl each row that is no pair."
        })
final class DataCleanCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "FILES",
            description = "A file, or a pattern such as 'raw/*.jsonl': JSONL, JSON, CSV or Parquet, compressed or not.")
    private Path files = Path.of("");

    @Option(names = "--output", required = true, paramLabel = "DIR", description = "Where datasets are frozen.")
    private Path out = Path.of("");

    @Option(names = "--domain", paramLabel = "NAME", description = "Of the dataset. Default: ${DEFAULT-VALUE}.")
    private String domain = "math";

    @Option(names = "--verifier", paramLabel = "NAME", description = "Of pairs without one. Default: ${DEFAULT-VALUE}.")
    private String verifier = "math";

    @Option(
            names = "--form",
            paramLabel = "FORM",
            description = "How rows say what a pair says: gsm8k, math, alpaca and others of docs/pairs.md."
                    + " Default: pairs as hone writes them.")
    private @Nullable String form;

    @Option(
            names = "--against",
            paramLabel = "FILE",
            description = "A benchmark's pairs, whose problems must not be in the data; may be given several times.")
    private List<Path> against = List.of();

    @Option(
            names = "--against-form",
            paramLabel = "FORM",
            description = "How the benchmark's rows say it. Default: as --form.")
    private @Nullable String againstForm;

    @Option(
            names = "--words",
            paramLabel = "N",
            description = "Words in a row shared with a benchmark that contaminate. Default: ${DEFAULT-VALUE}.")
    private int words = 13;

    @Option(
            names = "--similarity",
            paramLabel = "SHARE",
            description = "Jaccard similarity at which prompts are duplicates; 1 drops exact ones only."
                    + " Default: ${DEFAULT-VALUE}.")
    private double similarity = 0.8;

    @Option(
            names = "--script",
            paramLabel = "NAME",
            description = "Script the text must be in, such as latin; may be given several times. Default: any.")
    private List<String> scripts = List.of();

    @Option(
            names = "--language",
            paramLabel = "CODE",
            description = "ISO 639 code of the language the text must be in, such as en; may be given several times."
                    + " Texts of few words are kept. Default: any.")
    private List<String> languages = List.of();

    @Option(
            names = "--language-share",
            paramLabel = "SHARE",
            description = "How likely those must be beside the likeliest other language. Default: ${DEFAULT-VALUE}.")
    private double languageShare = 0.4;

    @Option(
            names = "--max-characters",
            paramLabel = "N",
            description = "Of prompt and response together. Default: ${DEFAULT-VALUE}.")
    private int maxCharacters = 100_000;

    @Option(names = "--strict", description = "Stop at the first row that is no pair, instead of setting it aside.")
    private boolean strict;

    @Override
    public Integer call() {
        boolean shares = similarity > 0 && similarity <= 1 && languageShare >= 0 && languageShare <= 1;
        if (!shares || words < 0 || maxCharacters < 1) {
            throw new UserError(
                    "--similarity must be above 0 and at most 1, --language-share from 0 to 1, --words 0 or more and"
                            + " --max-characters 1 or more; correct them");
        }
        PairFiles sources = new PairFiles(files, form(form));
        Cleaning cleaning = new Cleaning(rules(), new Deduplicator(similarity, 1));
        Path dropped = out.resolve(domain + ".dropped.jsonl");
        try (Quarantine quarantine = new Quarantine(out.resolve(domain + ".quarantine.jsonl"));
                PairStream pairs = sources.open(strict ? Malformed.strict() : quarantine);
                DatasetFreezer freezer = new DatasetFreezer(out, domain)) {
            TeachabilityReport report;
            try (DroppedLog log = new DroppedLog(dropped)) {
                report = cleaning.clean(pairs, freezer::add, log);
            }
            if (report.candidates() == 0) {
                throw new UserError(
                        quarantine.count() == 0
                                ? files + " holds no pairs; name files that do"
                                : "No row of " + files + " is a pair: " + quarantine.summary());
            }
            if (report.kept() == 0) {
                throw new UserError("None of " + report.candidates() + " pairs are left; " + dropped + " says why");
            }
            Provenance provenance = new Provenance();
            sources.files().forEach(provenance::file);
            FrozenDataset frozen = freezer.freeze(provenance
                    .counts(report.candidates(), report.dropped())
                    .seed("minhash", 1)
                    .map());
            print(report, quarantine, dropped, frozen);
        }
        return 0;
    }

    private static void print(TeachabilityReport report, Quarantine quarantine, Path dropped, FrozenDataset frozen) {
        System.out.println(report.kept() + " of " + report.candidates() + " pairs are kept, in " + frozen.directory());
        for (Map.Entry<String, Integer> reason : report.dropped().entrySet()) {
            System.out.println("  " + reason.getValue() + " " + reason.getKey().replace('_', ' '));
        }
        if (!report.dropped().isEmpty()) {
            System.out.println("Each of those left out is in " + dropped);
        }
        if (quarantine.count() > 0) {
            System.out.println(quarantine.summary());
        }
    }

    private RowForm form(@Nullable String name) {
        return name == null ? RowForm.pairs() : Form.required(name).form(null, "{prompt}", domain, verifier);
    }

    private List<PairRule> rules() {
        List<PairRule> rules = new ArrayList<>();
        rules.add(new CharacterLimits(1, 0, maxCharacters));
        if (!scripts.isEmpty()) {
            rules.add(new ScriptFilter(scripts));
        }
        rules.add(new QualityRules());
        if (!languages.isEmpty()) {
            rules.add(new LanguageFilter(languages, languageShare));
        }
        if (!against.isEmpty()) {
            RowForm rows = form(againstForm != null ? againstForm : form);
            List<Pair> problems = against.stream()
                    .flatMap(file -> new PairFiles(file, rows).read(Malformed.strict()).stream())
                    .toList();
            rules.add(Decontaminator.against(problems, words));
        }
        return rules;
    }
}
