package plaudit.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import plaudit.lab.study.Arm;
import plaudit.lab.study.StudyCurves;
import plaudit.lab.study.StudySettings;

/** {@code study algorithms}: every algorithm on the same reward. */
@Command(
    name = "algorithms",
    description = {
      "Each algorithm of docs/algorithms.md on the same reward, the log-odds of a classifier of"
          + " reviews, for equally many episodes."
    },
    footer = {
      "",
      "  plaudit study algorithms --reviews reviews.jsonl.gz --out study --seeds 1",
      "",
      "With the OUT of 'study mock' it takes the classifier that is there."
    })
public final class StudyAlgorithmsVerb extends StudyJobVerb {

  @Override
  List<Arm> arms(StudySettings settings) {
    return Arm.ofAlgorithms();
  }

  @Override
  Map<String, String> pictures(StudyCurves curves) {
    return curves.ofAlgorithms();
  }
}
