package dev.hone.datasets.procedural.geometry;

import dev.hone.datasets.procedural.TaskGenerator;
import java.util.List;

/** The generators of this package. */
public final class GeometryTasks {
    private GeometryTasks() {}

    public static List<TaskGenerator> all() {
        return List.of(new PolygonArea(), new RightTriangle(), new AngleSum(), new BoxSolid());
    }
}
