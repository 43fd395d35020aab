package dev.hone.datasets.verify;

import dev.hone.datasets.Nearest;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Functional groups by name, as SMARTS patterns. */
final class FunctionalGroups {
    private static final Map<String, String> SMARTS = new TreeMap<>(Map.ofEntries(
            Map.entry("alcohol", "[OX2H][CX4;!$(C([OX2H])[O,S,#7,#15])]"),
            Map.entry("phenol", "[OX2H]c"),
            Map.entry("primary alcohol", "[OX2H][CX4;H2,H3]"),
            Map.entry("secondary alcohol", "[OX2H][CX4;H1]([#6])[#6]"),
            Map.entry("tertiary alcohol", "[OX2H][CX4;H0]([#6])([#6])[#6]"),
            Map.entry("hydroxyl", "[OX2H]"),
            Map.entry("enol", "[OX2H][CX3]=[CX3]"),
            Map.entry("peroxide", "[OX2][OX2]"),
            Map.entry("acetal", "[CX4]([OX2H0][#6;!$(C=O)])[OX2H0][#6;!$(C=O)]"),
            Map.entry("hemiacetal", "[CX4]([OX2H])[OX2H0][#6;!$(C=O)]"),
            Map.entry("carbonyl", "[#6X3]=[OX1]"),
            Map.entry("carboxylate", "[CX3](=[OX1])[OX1-]"),
            Map.entry("carbonate", "[#6][OX2][CX3](=[OX1])[OX2][#6]"),
            Map.entry("acyl chloride", "[CX3](=[OX1])Cl"),
            Map.entry("thioester", "[#6][CX3](=[OX1])[#16X2H0][#6]"),
            Map.entry("imide", "[CX3](=[OX1])[NX3][CX3]=[OX1]"),
            Map.entry("thioamide", "[NX3][CX3](=[#16X1])[#6,H]"),
            Map.entry("thiourea", "[NX3][CX3](=[#16X1])[NX3]"),
            Map.entry("enamine", "[NX3;!$(N-C=[O,S])][CX3]=[CX3]"),
            Map.entry("amidine", "[NX3][CX3;!$(C(N)(N)N)]=[NX2]"),
            Map.entry("guanidine", "[NX3][CX3](=[$([NX2]),$([NX3+])])[NX3]"),
            Map.entry("hydrazine", "[NX3;!$(N-C=[O,S])][NX3;!$(N-C=[O,S])]"),
            Map.entry("hydrazide", "[CX3](=[OX1])[NX3][NX3]"),
            Map.entry("hydrazone", "[CX3]=[NX2][NX3]"),
            Map.entry("oxime", "[CX3]=[NX2][OX2H]"),
            Map.entry("azo", "[#6][NX2]=[NX2][#6]"),
            Map.entry("diazo", "[#6]=[NX2+]=[NX1-]"),
            Map.entry("nitroso", "[#6][NX2]=[OX1]"),
            Map.entry("isocyanate", "[NX2]=[CX2]=[OX1]"),
            Map.entry("isothiocyanate", "[NX2]=[CX2]=[#16X1]"),
            Map.entry("thiocyanate", "[#16X2][CX2]#[NX1]"),
            Map.entry("isonitrile", "[CX1-]#[NX2+]"),
            Map.entry("quaternary ammonium", "[NX4+]([#6])([#6])([#6])[#6]"),
            Map.entry("sulfonyl chloride", "[#16X4](=[OX1])(=[OX1])Cl"),
            Map.entry("sulfonate ester", "[#16X4](=[OX1])(=[OX1])([#6])[OX2H0][#6]"),
            Map.entry("phosphine", "[PX3]([#6])([#6])[#6]"),
            Map.entry("phosphonate", "[PX4](=[OX1])([OX2])([OX2])[#6]"),
            Map.entry("boronic ester", "[BX3]([OX2H0])[OX2H0]"),
            Map.entry("allene", "[CX3]=[CX2]=[CX3]"),
            Map.entry("alkyl fluoride", "[CX4]F"),
            Map.entry("alkyl chloride", "[CX4]Cl"),
            Map.entry("alkyl bromide", "[CX4]Br"),
            Map.entry("alkyl iodide", "[CX4]I"),
            Map.entry("aryl fluoride", "cF"),
            Map.entry("aryl chloride", "cCl"),
            Map.entry("aryl bromide", "cBr"),
            Map.entry("aryl iodide", "cI"),
            Map.entry("trifluoromethyl", "[CX4](F)(F)F"),
            Map.entry("aromatic ring", "a"),
            Map.entry("pyridine", "c1ccncc1"),
            Map.entry("pyrrole", "c1ccnc1"),
            Map.entry("furan", "c1ccoc1"),
            Map.entry("thiophene", "c1ccsc1"),
            Map.entry("imidazole", "c1cncn1"),
            Map.entry("indole", "c1ccc2nccc2c1"),
            Map.entry("aldehyde", "[$([CX3H1](=O)[#6]),$([CX3H2]=O)]"),
            Map.entry("ketone", "[#6][CX3](=O)[#6]"),
            Map.entry("carboxylic acid", "[CX3](=O)[OX2H1]"),
            Map.entry("ester", "[$([CX3]([#6])=O),$([CX3H1]=O)][OX2H0][#6;!$(C=O)]"),
            Map.entry("lactone", "[#6;R][CX3;R](=O)[OX2H0;R][#6;R]"),
            Map.entry("ether", "[OD2]([#6;!$(C=O)])[#6;!$(C=O)]"),
            Map.entry("epoxide", "C1OC1"),
            Map.entry("amine", "[NX3;!$(N-C=[O,S,N]);!$(N-[!#6;!#1]);!$(N=*);!$(N#*)][#6]"),
            Map.entry("primary amine", "[NX3;H2;!$(N-C=[O,S,N]);!$(N-[!#6;!#1])][#6]"),
            Map.entry("secondary amine", "[NX3;H1;!$(N-C=[O,S,N]);!$(N-[!#6;!#1])]([#6])[#6]"),
            Map.entry("tertiary amine", "[NX3;H0;!$(N-C=[O,S,N]);!$(N-[!#6;!#1])]([#6])([#6])[#6]"),
            Map.entry("amide", "[NX3][CX3](=[OX1])[#6,H]"),
            Map.entry("lactam", "[NX3;R][CX3;R](=[OX1])[#6;R]"),
            Map.entry("imine", "[CX3;!$(C=O)]=[NX2][#6,H]"),
            Map.entry("nitrile", "[CX2]#[NX1]"),
            Map.entry("nitro", "[$([NX3](=O)=O),$([NX3+](=O)[O-])][!#8]"),
            Map.entry("azide", "[$([NX1]=[NX2]=[NX2]),$([NX1-]-[NX2+]#[NX1]),$([NX2]=[NX2+]=[NX1-])]"),
            Map.entry("urea", "[NX3][CX3](=[OX1])[NX3]"),
            Map.entry("carbamate", "[NX3][CX3](=[OX1])[OX2H0]"),
            Map.entry("anhydride", "[CX3](=[OX1])[OX2][CX3](=[OX1])"),
            Map.entry("acyl halide", "[CX3](=[OX1])[F,Cl,Br,I]"),
            Map.entry("thiol", "[#16X2H]"),
            Map.entry("thioether", "[#16X2H0]([#6])[#6]"),
            Map.entry("disulfide", "[#16X2H0][#16X2H0]"),
            Map.entry("sulfoxide", "[$([#16X3]=[OX1]),$([#16X3+][OX1-])]([#6])[#6]"),
            Map.entry("sulfone", "[#16X4](=[OX1])(=[OX1])([#6])[#6]"),
            Map.entry("sulfonamide", "[#16X4](=[OX1])(=[OX1])([#6])[NX3]"),
            Map.entry("sulfonic acid", "[#16X4](=[OX1])(=[OX1])([#6])[OX2H]"),
            Map.entry("phosphate", "[PX4](=[OX1])([OX2])([OX2])[OX2]"),
            Map.entry("alkene", "[CX3]=[CX3]"),
            Map.entry("alkyne", "[CX2]#[CX2]"),
            Map.entry("arene", "c1ccccc1"),
            Map.entry("alkyl halide", "[CX4][F,Cl,Br,I]"),
            Map.entry("aryl halide", "c[F,Cl,Br,I]"),
            Map.entry("halide", "[#6][F,Cl,Br,I]"),
            Map.entry("boronic acid", "[BX3]([OX2H])[OX2H]")));

    private static final Map<String, String> SYNONYMS = Map.ofEntries(
            Map.entry("hydroxy", "hydroxyl"),
            Map.entry("acid chloride", "acyl chloride"),
            Map.entry("acid anhydride", "anhydride"),
            Map.entry("carboxyl", "carboxylic acid"),
            Map.entry("cyano", "nitrile"),
            Map.entry("sulfide", "thioether"),
            Map.entry("benzene", "arene"),
            Map.entry("benzene ring", "arene"),
            Map.entry("phenyl", "arene"),
            Map.entry("haloalkane", "alkyl halide"),
            Map.entry("olefin", "alkene"),
            Map.entry("sulfhydryl", "thiol"));

    private FunctionalGroups() {}

    static String smarts(String name) throws BadKey {
        String plain = name.strip().toLowerCase(Locale.ROOT).replace('_', ' ').replaceAll(" group$", "");
        String smarts = SMARTS.get(SYNONYMS.getOrDefault(plain, plain));
        if (smarts == null) {
            String meant = Nearest.meant(name, SMARTS.keySet());
            throw new BadKey("unknown functional group \"" + name + "\""
                    + (meant.isEmpty() ? "; give it as \"smarts\"" : ", " + meant + " Or give it as \"smarts\""));
        }
        return smarts;
    }
}
