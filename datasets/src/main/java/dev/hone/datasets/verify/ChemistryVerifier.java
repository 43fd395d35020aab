package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.List;
import java.util.Optional;

/**
 * The answer must be a molecule, written as SMILES, that meets every condition of the metadata; with none, it must be the
 * key's molecule, however it is written. The conditions are those of ether0's tasks (Narayanan et al. 2025): the
 * molecule's formula, its functional groups, bounds on its properties, its likeness to another molecule.
 */
final class ChemistryVerifier implements Verifier {
    @Override
    public String name() {
        return "chemistry";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        Optional<String> answer = SmilesText.of(completion);
        if (answer.isEmpty()) {
            return Verdict.noAnswer();
        }
        String smiles = answer.get();
        Optional<Molecule> molecule = Molecule.parse(smiles);
        if (molecule.isEmpty()) {
            return Verdict.wrong(smiles, "it is no valid SMILES");
        }
        try {
            return judge(pair, smiles, molecule.get());
        } catch (BadKey e) {
            return Verdict.failed(smiles, e.explanation());
        }
    }

    private static Verdict judge(Pair pair, String smiles, Molecule molecule) throws BadKey {
        Metadata metadata = Metadata.of(pair);
        boolean conditions = metadata.has("formula")
                || metadata.has("functional_groups")
                || metadata.has("smarts")
                || metadata.has("not_smarts")
                || metadata.has("properties")
                || metadata.has("similar_to");
        if (!conditions) {
            Molecule key = molecule(pair.answer(), "the answer of pair " + pair.id());
            return molecule.isSameAs(key)
                    ? Verdict.right(smiles)
                    : Verdict.wrong(smiles, "it is another molecule than " + pair.answer());
        }
        Optional<String> broken = broken(metadata, molecule);
        return broken.isEmpty() ? Verdict.right(smiles) : Verdict.wrong(smiles, broken.get());
    }

    private static Molecule molecule(String smiles, String where) throws BadKey {
        return Molecule.parse(smiles).orElseThrow(() -> new BadKey(where + " is no valid SMILES: " + smiles));
    }

    /** The first condition that is not met. */
    private static Optional<String> broken(Metadata metadata, Molecule molecule) throws BadKey {
        Optional<String> formula = metadata.text("formula");
        if (formula.isPresent() && !molecule.hasFormula(formula.get())) {
            return Optional.of("its formula is " + molecule.formula() + ", not " + formula.get());
        }
        for (String group : metadata.texts("functional_groups")) {
            if (!molecule.matches(FunctionalGroups.smarts(group))) {
                return Optional.of("it has no " + group);
            }
        }
        for (String smarts : metadata.texts("smarts")) {
            if (!molecule.matches(smarts)) {
                return Optional.of("it does not match " + smarts);
            }
        }
        for (String smarts : metadata.texts("not_smarts")) {
            if (molecule.matches(smarts)) {
                return Optional.of("it matches " + smarts);
            }
        }
        Optional<Metadata> properties = metadata.object("properties");
        if (properties.isPresent()) {
            for (Object name : properties.get().values().keySet()) {
                Optional<String> fault = outside(properties.get(), String.valueOf(name), molecule);
                if (fault.isPresent()) {
                    return fault;
                }
            }
        }
        Optional<String> other = metadata.text("similar_to");
        if (other.isEmpty()) {
            return Optional.empty();
        }
        double least = metadata.number("similarity").orElse(0.7);
        double similarity = molecule.similarityTo(molecule(other.get(), "\"similar_to\""));
        return similarity >= least
                ? Optional.empty()
                : Optional.of("its similarity to %s is %.3f, less than %s".formatted(other.get(), similarity, least));
    }

    private static Optional<String> outside(Metadata properties, String name, Molecule molecule) throws BadKey {
        List<?> bounds = properties.list(name).orElse(List.of());
        if (bounds.size() != 2 || bounds.stream().anyMatch(bound -> bound != null && !(bound instanceof Number))) {
            throw new BadKey("the bounds of \"" + name + "\" must be [least, most], either null for none");
        }
        double value = molecule.property(name);
        boolean low = bounds.get(0) instanceof Number least && value < least.doubleValue();
        boolean high = bounds.get(1) instanceof Number most && value > most.doubleValue();
        return low || high
                ? Optional.of("its %s is %s, outside %s".formatted(name, Math.round(value * 1000) / 1000.0, bounds))
                : Optional.empty();
    }
}
