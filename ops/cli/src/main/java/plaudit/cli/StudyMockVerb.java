package plaudit.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import plaudit.lab.study.Arm;
import plaudit.lab.study.StudyCurves;
import plaudit.lab.study.StudySettings;

/** {@code study mock}: the paper's mock-sentiment study. */
@Command(
    name = "mock",
    description = {
      "The paper's mock-sentiment study (2.4, 5.6) on a small model: a classifier of reviews is the"
          + " human.",
      "Compares learning from its log-odds directly with learning from its choices through reward"
          + " models, by number of labels, offline and online, and shows what happens without a"
          + " KL penalty."
    },
    footer = {
      "",
      "  plaudit study mock --reviews reviews.jsonl.gz --out study",
      "",
      "Each run that is done is a file in OUT/runs; a second call makes only what is missing.",
      "docs/mock-study.md shows what comes out. Settings: plaudit.study in reference.conf and the",
      "preset mock-study."
    })
public final class StudyMockVerb extends StudyJobVerb {

  @Override
  List<Arm> arms(StudySettings settings) {
    return Arm.ofMockStudy(settings);
  }

  @Override
  Map<String, String> pictures(StudyCurves curves) {
    return curves.ofMockStudy();
  }
}
