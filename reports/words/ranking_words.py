"""Words of the page "how the ranking was made": (English, Chinese) by key."""

from __future__ import annotations

RANKING_WORDS: dict[str, tuple[str, str]] = {
    "ranking.title": ("How the ranking was made", "排名依据"),
    "ranking.by_priors": (
        "Leads are ranked by expected value; how likely each is comes from the detectors' priors, updated by reviews.",
        "线索按期望值排名；属实概率来自各检测的先验概率，并据审核结论更新。",
    ),
    "ranking.by_classifier": (
        "Leads are ranked by expected value; how likely each is comes from a classifier taught by {n} verdicts.",
        "线索按期望值排名；属实概率由分类器给出，其依据为{n}份审核结论。",
    ),
    "ranking.score": ("What a score is made of", "得分构成"),
    "ranking.formula": (
        "Each finding adds P(substantiated) × value in yuan × weight of the evidence grade × weight by reviews; a "
        "lead's score is their sum. The value is the fund's part where known, else the whole amount, and never below "
        "the floor of the finding's severity. Money that several findings question counts once, in what adds most. "
        "How unusual a thing is never ranks by itself. An exempt finding adds nothing.",
        "每项发现的得分 = 属实概率 × 涉及金额（元）× 证据级别权重 × 审核权重，线索得分为各项之和。"
        "金额取基金支付部分，未知时取总额，且不低于其严重度的下限；多项发现涉及同一笔金额的，只计得分最高的一项。异常程度本身不参与排名；已豁免的发现不计分。",
    ),
    "ranking.weights": ("Weights", "权重"),
    "ranking.weight": ("Weight", "权重"),
    "ranking.value": ("Value", "取值"),
    "ranking.kind_confidence": ("confidence moves P(substantiated) by", "可信度对属实概率的系数"),
    "ranking.kind_floor_yuan": ("floor by severity (yuan)", "严重度对应的金额下限（元）"),
    "ranking.kind_grade": ("weight of the evidence grade", "证据级别权重"),
    "ranking.kind_review": ("weight by reviews", "审核权重"),
    "ranking.demoted_weight": ("demoted detector", "已降级的检测"),
    "ranking.who_says": ("Priors or classifier", "先验还是分类器"),
    "ranking.no_verdicts": (
        "This run was given no verdicts, so every detector's prior stands as its card has it.",
        "本次运行未提供审核结论，各检测的先验概率保持卡片所载。",
    ),
    "ranking.too_few_verdicts": (
        "{matched} of {verdicts} verdicts are on findings of this run. A classifier is tried from {needed}, with both "
        "outcomes among the older and the newer ones; until then the priors, updated by these verdicts, stand.",
        "{verdicts}份审核结论中有{matched}份对应本次运行的发现。达到{needed}份且新旧各段均有两种结论时才试用分类器；"
        "此前沿用经这些结论更新的先验概率。",
    ),
    "ranking.priors_not_beaten": (
        "The classifier was tried and did not beat the priors by more than chance on the verdicts held back, so the "
        "priors, updated by reviews, stand.",
        "已试用分类器；在留出的审核结论上，其优势未超出偶然范围，故沿用经审核更新的先验概率。",
    ),
    "ranking.classifier_better": (
        "On the verdicts held back the classifier was nearer to the truth than the priors beyond chance (one-sided "
        "5\u202f%), so it says how likely each finding is.",
        "在留出的审核结论上，分类器比先验更接近事实，差距超出偶然范围（单侧 5%），故由其给出各项发现的属实概率。",
    ),
    "ranking.trial": ("The trial", "试用结果"),
    "ranking.split": (
        "Fitted on the {fitted} oldest verdicts, made probabilities ({method}) by the next {calibrated}, and judged by "
        "the {held_back} newest, from {day} on, which neither way of predicting had seen.",
        "以最早的{fitted}份结论拟合，以随后的{calibrated}份校准（{method}），并以{day}起最新的{held_back}份检验；"
        "两种预测均未见过后者。",
    ),
    "ranking.brier": ("Brier score (0 is perfect)", "布里尔分数（0 为最佳）"),
    "ranking.priors": ("Priors updated by reviews", "经审核更新的先验"),
    "ranking.classifier": ("Classifier", "分类器"),
    "ranking.difference": ("Priors less classifier", "先验减分类器"),
    "ranking.margin": ("What it must exceed (one-sided 5\u202f%)", "应超过的界限（单侧 5%）"),
    "ranking.calibration": ("Predicted and found", "预测与实际"),
    "ranking.calibration_told": (
        "Each point is a tenth of the predictions: what share of them was substantiated, with its 95\u202f% interval. "
        "On the dotted line both agree.",
        "每个点为一档预测概率：其中查实的比例及其 95% 区间；落在虚线上即预测与实际一致。",
    ),
    "ranking.predicted_between": ("Predicted between", "预测区间"),
    "ranking.verdicts_of": ("Verdicts", "结论数"),
    "ranking.mean_predicted": ("Mean predicted", "预测均值"),
    "ranking.found": ("Substantiated", "属实"),
    "ranking.interval": ("95\u202f% interval", "95% 区间"),
    "ranking.features": ("What the classifier sees", "分类器所用特征"),
    "ranking.features_explained": (
        "No feature tells whose patient, doctor or hospital it is. Directions are fixed: what should raise suspicion "
        "can never lower it.",
        "特征均不涉及具体患者、医师或机构。方向固定：应提高可能性的特征不会使其降低。",
    ),
    "ranking.feature": ("Feature", "特征"),
    "ranking.direction": ("May move P(substantiated)", "对属实概率的作用方向"),
    "ranking.up": ("up only", "仅提高"),
    "ranking.down": ("down only", "仅降低"),
    "ranking.free": ("either way", "不限"),
    "ranking.model": ("Model", "模型"),
    "ranking.precision": ("How often each detector was right", "各检测的属实率"),
    "ranking.precision_explained": (
        "Share of reviewed findings that were substantiated, wholly or in part, with its 95\u202f% Wilson interval. A "
        "detector below 30\u202f% after 50 reviews is demoted: its findings stay in their leads at a quarter of their "
        "weight.",
        "已审核发现中（全部或部分）属实的比例及其 95% Wilson 区间。审核满 50 项而属实率低于 30% 的检测予以降级："
        "其发现仍列于线索之中，权重降为四分之一。",
    ),
    "ranking.reviewed": ("Reviewed", "已审核"),
    "ranking.precision_column": ("Precision", "属实率"),
    "ranking.probability_now": ("P(substantiated) now", "现行概率"),
    "ranking.demoted": ("Demoted", "是否降级"),
    "ranking.yes": ("demoted", "已降级"),
    "ranking.no": ("no", "否"),
    "ranking.none_reviewed": ("No finding was reviewed yet.", "尚无已审核的发现。"),
    "ranking.misses": ("What may have been missed", "可能的遗漏"),
    "ranking.by_lot": (
        "Of {unflagged} unflagged patient episodes with examinations, {drawn} were drawn by lot (one in twenty). They "
        "are reviewed to learn what the detectors miss; being drawn is no suspicion.",
        "{unflagged}例有检查而无线索的患者病程中，随机抽取{drawn}例（约二十分之一）供复核，用以估计遗漏；"
        "被抽中不构成任何怀疑。",
    ),
    "ranking.not_estimated": (
        "None of them has a verdict yet, so what was missed cannot be estimated.",
        "尚无对其的审核结论，无法估计遗漏。",
    ),
    "ranking.estimate": (
        "{substantiated} of {reviewed} reviewed were found wrong: {share} (95\u202f% interval {low} to {high}), which "
        "is about {missed} of all unflagged episodes ({missed_low} to {missed_high}).",
        "已审核{reviewed}例，其中{substantiated}例属实：{share}（95% 区间 {low} 至 {high}），"
        "推及全部无线索病程约{missed}例（{missed_low} 至 {missed_high}）。",
    ),
    "ranking.drawn_cases": ("First cases of the lot", "抽签顺序靠前的病例"),
    "ranking.drawn_rest": (
        "The first 2,000 stand in leads.xlsx, sheet by_lot; all of them in unflagged.parquet.",
        "前2,000例见 leads.xlsx 的 by_lot 表，全部见 unflagged.parquet。",
    ),
    "ranking.lot": ("Lot", "序号"),
    "ranking.case": ("Patient episode", "患者病程"),
    "ranking.examinations": ("Examinations", "检查数"),
    "ranking.encounters": ("Encounters", "就诊数"),
    "ranking.learned_from": (
        "Verdicts are only counted here; a case drawn by lot is named by its pseudonym.",
        "本页仅载审核结论的计数；随机抽中的病例以假名标识。",
    ),
    "basis.prior": ("prior of the card", "卡片先验"),
    "basis.reviews": ("prior updated by reviews", "经审核更新的先验"),
    "basis.classifier": ("classifier", "分类器"),
    "basis.confidence": ("confidence", "可信度系数"),
    "basis.capped": ("the most that is given", "已达上限"),
    "basis.floor": ("the least that its severity has", "严重度对应的下限"),
    "basis.demoted": ("the detector is demoted", "该检测已降级"),
    "feature.detector_logit": ("the detector's record before that day", "该检测此前的属实记录"),
    "feature.confidence": ("confidence of the finding", "发现的可信度"),
    "feature.grade": ("grade of the evidence", "证据级别"),
    "feature.severity": ("severity", "严重度"),
    "feature.log_yuan": ("amount (logarithm)", "金额（对数）"),
    "feature.same_detector_findings": ("further findings of the detector on the subject", "同一对象上该检测的其他发现"),
    "feature.other_detectors": ("other detectors that question the subject", "质疑同一对象的其他检测数"),
    "feature.gap_share": ("gap as a share of the interval", "间隔占规定间隔的比例"),
    "feature.evidence_probability": ("probability computed by an outlier detector", "离群检测给出的概率"),
    "feature.unanswered_exemptions": ("exemptions that the record cannot answer", "记录无法判断的豁免情形比例"),
    "feature.claimed_reason": ("a reason was claimed for the examination", "检查时填写了复查理由"),
}
