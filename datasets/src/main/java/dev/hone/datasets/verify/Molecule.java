package dev.hone.datasets.verify;

import dev.hone.datasets.Nearest;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.openscience.cdk.aromaticity.Aromaticity;
import org.openscience.cdk.config.Elements;
import org.openscience.cdk.exception.CDKException;
import org.openscience.cdk.exception.InvalidSmilesException;
import org.openscience.cdk.fingerprint.CircularFingerprinter;
import org.openscience.cdk.fingerprint.IBitFingerprint;
import org.openscience.cdk.graph.Cycles;
import org.openscience.cdk.interfaces.IAtom;
import org.openscience.cdk.interfaces.IAtomContainer;
import org.openscience.cdk.interfaces.IBond;
import org.openscience.cdk.interfaces.IMolecularFormula;
import org.openscience.cdk.interfaces.IPseudoAtom;
import org.openscience.cdk.interfaces.IStereoElement;
import org.openscience.cdk.isomorphism.AtomMatcher;
import org.openscience.cdk.isomorphism.BondMatcher;
import org.openscience.cdk.isomorphism.VentoFoggia;
import org.openscience.cdk.qsar.descriptors.molecular.HBondAcceptorCountDescriptor;
import org.openscience.cdk.qsar.descriptors.molecular.HBondDonorCountDescriptor;
import org.openscience.cdk.qsar.descriptors.molecular.JPlogPDescriptor;
import org.openscience.cdk.qsar.descriptors.molecular.RotatableBondsCountDescriptor;
import org.openscience.cdk.qsar.descriptors.molecular.TPSADescriptor;
import org.openscience.cdk.qsar.result.DoubleResult;
import org.openscience.cdk.qsar.result.IDescriptorResult;
import org.openscience.cdk.qsar.result.IntegerResult;
import org.openscience.cdk.silent.SilentChemObjectBuilder;
import org.openscience.cdk.similarity.Tanimoto;
import org.openscience.cdk.smarts.SmartsPattern;
import org.openscience.cdk.smiles.SmilesParser;
import org.openscience.cdk.tools.manipulator.AtomContainerManipulator;
import org.openscience.cdk.tools.manipulator.MolecularFormulaManipulator;

/** A molecule read from SMILES by CDK, the Chemistry Development Kit. */
final class Molecule {
    /** Longer ones are no answers, and their canonical form may take long. */
    private static final int MAX_LENGTH = 2000;

    private static final int MAX_ATOMS = 400;

    /** White space, hydrogen outside of square brackets, a bond to nothing. */
    private static final Pattern NO_SMILES = Pattern.compile("\\s|H(?![^\\[]*])|[/\\\\]$");

    private static final Pattern ELEMENT = Pattern.compile("[A-Z][a-z]?");

    private static final Map<String, Function<Molecule, Double>> PROPERTIES = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    "molecular_weight",
                    m -> AtomContainerManipulator.getMass(m.atoms, AtomContainerManipulator.MolWeight)),
            Map.entry("heavy_atoms", m ->
                    (double) AtomContainerManipulator.getHeavyAtoms(m.atoms).size()),
            Map.entry("rings", m -> (double) Cycles.mcb(m.atoms).numberOfCycles()),
            Map.entry("charge", m -> (double) AtomContainerManipulator.getTotalFormalCharge(m.atoms)),
            Map.entry(
                    "logp",
                    m -> m.descriptor(
                            new JPlogPDescriptor().calculate(m.withHydrogens()).getValue())),
            Map.entry(
                    "tpsa",
                    m -> m.descriptor(
                            new TPSADescriptor().calculate(m.aromatic()).getValue())),
            Map.entry(
                    "h_bond_donors",
                    m -> m.descriptor(new HBondDonorCountDescriptor()
                            .calculate(m.aromatic())
                            .getValue())),
            Map.entry(
                    "h_bond_acceptors",
                    m -> m.descriptor(new HBondAcceptorCountDescriptor()
                            .calculate(m.aromatic())
                            .getValue())),
            Map.entry("rotatable_bonds", Molecule::rotatableBonds),
            Map.entry("stereocenters", m -> (double) m.stereocenters())));

    private final IAtomContainer atoms;

    private Molecule(IAtomContainer atoms) {
        this.atoms = atoms;
    }

    /** Empty where it is no SMILES, or an atom has more bonds than it can have. */
    static Optional<Molecule> parse(String smiles) {
        String text = smiles.strip();
        if (text.isEmpty()
                || text.length() > MAX_LENGTH
                || NO_SMILES.matcher(text).find()) {
            return Optional.empty();
        }
        try {
            IAtomContainer atoms = new SmilesParser(SilentChemObjectBuilder.getInstance()).parseSmiles(text);
            if (atoms.isEmpty() || atoms.getAtomCount() > MAX_ATOMS || hasPlaceholder(atoms)) {
                return Optional.empty();
            }
            AtomContainerManipulator.suppressHydrogens(atoms);
            for (IAtom atom : atoms.atoms()) {
                separateCharges(atom);
                if (!hasPossibleValence(atom)) {
                    return Optional.empty();
                }
            }
            AtomContainerManipulator.percieveAtomTypesAndConfigureAtoms(atoms);
            return Optional.of(new Molecule(atoms));
        } catch (InvalidSmilesException e) {
            return Optional.empty();
        } catch (CDKException | RuntimeException e) {
            // CDK throws IllegalArgumentException and the like for some texts that are no SMILES.
            return Optional.empty();
        }
    }

    /** What stands for any atom, or for none there is. */
    private static boolean hasPlaceholder(IAtomContainer atoms) {
        for (IAtom atom : atoms.atoms()) {
            if (atom instanceof IPseudoAtom) {
                return true;
            }
        }
        return false;
    }

    /** Nitrogen of five bonds is written with charges: {@code N(=O)=O} as {@code [N+](=O)[O-]}. */
    private static void separateCharges(IAtom atom) {
        int bonds = 0;
        IBond outer = null;
        for (IBond bond : atom.bonds()) {
            bonds += bond.getOrder() == null || bond.getOrder() == IBond.Order.UNSET
                    ? 1
                    : bond.getOrder().numeric();
            IAtom other = bond.getOther(atom);
            boolean oxide = other.getAtomicNumber() == 8 && bond.getOrder() == IBond.Order.DOUBLE;
            boolean nitride = other.getAtomicNumber() == 7 && bond.getOrder() == IBond.Order.TRIPLE;
            outer = other.getBondCount() == 1 && (oxide || nitride) ? bond : outer;
        }
        boolean neutral = Objects.equals(atom.getFormalCharge(), 0);
        if (atom.getAtomicNumber() == 7 && neutral && bonds == 5 && outer != null) {
            outer.setOrder(outer.getOrder() == IBond.Order.TRIPLE ? IBond.Order.DOUBLE : IBond.Order.SINGLE);
            outer.getOther(atom).setFormalCharge(-1);
            atom.setFormalCharge(1);
        }
    }

    /** What SMILES lets pass and chemistry does not: carbon of five bonds, and the like. */
    private static boolean hasPossibleValence(IAtom atom) {
        int hydrogens = atom.getImplicitHydrogenCount() == null ? 0 : atom.getImplicitHydrogenCount();
        int bonds = hydrogens;
        int aromatic = 0;
        boolean multiple = false;
        for (IBond bond : atom.bonds()) {
            boolean ring = bond.isAromatic() && bond.getOrder() == IBond.Order.UNSET;
            aromatic += ring ? 1 : 0;
            multiple |= bond.getOrder() == IBond.Order.DOUBLE || bond.getOrder() == IBond.Order.TRIPLE;
            bonds += ring
                    ? 1
                    : Math.max(1, bond.getOrder() == null ? 1 : bond.getOrder().numeric());
        }
        int charge = atom.getFormalCharge() == null ? 0 : atom.getFormalCharge();
        int total = bonds + (aromatic >= 2 ? 1 : 0);
        return switch (atom.getAtomicNumber()) {
            case 1 -> total <= 1;
            case 6 -> total <= 4 - Math.abs(charge);
            case 7 ->
                total <= 3 + Math.max(charge, 0)
                        || (charge == 0 && total == 5 && multiple && hydrogens == 0)
                        || (aromatic >= 2 && total <= 4);
            case 8 -> total <= 2 + Math.max(charge, 0) || (aromatic >= 2 && total <= 3);
            case 9 -> total <= 1;
            case 5 -> total <= 3 + (charge < 0 ? 1 : 0);
            case 14 -> total <= 4 + Math.max(-charge, 0);
            case 15 -> total <= (charge > 0 ? 4 : 5 - charge);
            case 16 -> total <= 6 || (aromatic >= 2 && total <= 7);
            case 17, 35 -> total <= 1 + Math.max(charge, 0) || isOxidised(atom);
            case 53 -> total <= 7;
            default -> true;
        };
    }

    /** Chlorine and bromine bind more than one atom where these are oxygen or fluorine. */
    private static boolean isOxidised(IAtom atom) {
        for (IBond bond : atom.bonds()) {
            int other = bond.getOther(atom).getAtomicNumber();
            if (other != 8 && other != 9) {
                return false;
            }
        }
        return true;
    }

    /** The same atoms, bonds, charges, isotopes and stereochemistry, whatever their order. */
    boolean isSameAs(Molecule other) {
        IAtomContainer mine = aromatic();
        IAtomContainer theirs = other.aromatic();
        return formula().equals(other.formula())
                && mine.getBondCount() == theirs.getBondCount()
                && stereoElements(mine) == stereoElements(theirs)
                && VentoFoggia.findIdentical(mine, new SameAtom(), new SameBond())
                        .matchAll(theirs)
                        .atLeast(1);
    }

    private static final class SameAtom extends AtomMatcher {
        @Override
        public boolean matches(IAtom a, IAtom b) {
            return Objects.equals(a.getAtomicNumber(), b.getAtomicNumber())
                    && Objects.equals(a.getFormalCharge(), b.getFormalCharge())
                    && Objects.equals(a.getMassNumber(), b.getMassNumber())
                    && Objects.equals(a.getImplicitHydrogenCount(), b.getImplicitHydrogenCount());
        }
    }

    private static final class SameBond extends BondMatcher {
        @Override
        public boolean matches(IBond a, IBond b) {
            return a.isAromatic() == b.isAromatic() && (a.isAromatic() || a.getOrder() == b.getOrder());
        }
    }

    private static int stereoElements(IAtomContainer atoms) {
        int count = 0;
        for (IStereoElement<?, ?> element : atoms.stereoElements()) {
            count += element == null ? 0 : 1;
        }
        return count;
    }

    private IAtomContainer aromatic() {
        IAtomContainer copy = copy();
        Aromaticity.apply(Aromaticity.Model.Daylight, copy);
        return copy;
    }

    private IAtomContainer copy() {
        try {
            return atoms.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    private IAtomContainer withHydrogens() {
        IAtomContainer copy = aromatic();
        AtomContainerManipulator.convertImplicitToExplicitHydrogens(copy);
        return copy;
    }

    String formula() {
        return MolecularFormulaManipulator.getString(MolecularFormulaManipulator.getMolecularFormula(atoms));
    }

    boolean hasFormula(String expected) throws BadKey {
        IMolecularFormula formula =
                MolecularFormulaManipulator.getMolecularFormula(expected, SilentChemObjectBuilder.getInstance());
        boolean known = ELEMENT.matcher(expected)
                .results()
                .allMatch(element -> Elements.ofString(element.group()) != Elements.Unknown);
        if (formula == null || formula.getIsotopeCount() == 0 || !known) {
            throw new BadKey("\"" + expected + "\" is no molecular formula");
        }
        int said = formula.getCharge() == null ? 0 : formula.getCharge();
        return symbols(formula).equals(symbols(MolecularFormulaManipulator.getMolecularFormula(atoms)))
                && said == AtomContainerManipulator.getTotalFormalCharge(atoms);
    }

    private static String symbols(IMolecularFormula formula) {
        return MolecularFormulaManipulator.getString(formula).replaceAll("[\\[\\]]|\\d*[+-]$", "");
    }

    boolean matches(String smarts) throws BadKey {
        try {
            IAtomContainer target = aromatic();
            return SmartsPattern.create(smarts, SilentChemObjectBuilder.getInstance())
                    .matches(target);
        } catch (IllegalArgumentException e) {
            throw new BadKey("\"" + smarts + "\" is no SMARTS pattern");
        }
    }

    /** Tanimoto similarity of circular fingerprints of diameter four (ECFP4; Rogers and Hahn 2010). */
    double similarityTo(Molecule other) throws BadKey {
        return Tanimoto.calculate(fingerprint(), other.fingerprint());
    }

    private IBitFingerprint fingerprint() throws BadKey {
        try {
            return new CircularFingerprinter(CircularFingerprinter.CLASS_ECFP4).getBitFingerprint(aromatic());
        } catch (CDKException e) {
            throw new BadKey("the molecule has no fingerprint: " + e.getMessage());
        }
    }

    double property(String name) throws BadKey {
        Function<Molecule, Double> property = PROPERTIES.get(name);
        if (property == null) {
            throw new BadKey("unknown property \"" + name + "\"" + Nearest.meantOf(name, PROPERTIES.keySet()));
        }
        return property.apply(this);
    }

    private double descriptor(IDescriptorResult result) {
        if (result instanceof IntegerResult whole) {
            return whole.intValue();
        }
        return result instanceof DoubleResult real ? real.doubleValue() : Double.NaN;
    }

    /** Single bonds outside of rings between atoms that have others, but for those of amides (Veber et al. 2002). */
    private double rotatableBonds() {
        RotatableBondsCountDescriptor descriptor = new RotatableBondsCountDescriptor();
        try {
            descriptor.setParameters(new Object[] {false, true});
        } catch (CDKException e) {
            throw new IllegalStateException(e);
        }
        return descriptor(descriptor.calculate(aromatic()).getValue());
    }

    private int stereocenters() {
        int centers = 0;
        for (IStereoElement<?, ?> element : atoms.stereoElements()) {
            centers += element.getConfigClass() == IStereoElement.TH ? 1 : 0;
        }
        return centers;
    }
}
