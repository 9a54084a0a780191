"""What the column of an uploaded table is about, guessed from its header in English or Chinese."""

import re
import unicodedata

#: Headers by what they mean; compared by :func:`fold`, so case, spaces and signs do not matter.
WORDS = {
    "employee": "employee, staff, person, colleague, 员工, 人员, 职员, 被考核人, 考核对象",
    "email": "work email, email, e-mail, mail, email address, work e-mail, "
    "邮箱, 工作邮箱, 电子邮箱, 电子邮件, 邮件, 企业邮箱, 公司邮箱",
    "number": "badge, badge id, badge no, badge number, barcode, employee id, employee no, "
    "employee number, staff id, staff no, staff number, registration number, personnel number, "
    "工号, 员工号, 员工编号, 员工工号, 人员编号, 职工号, 工牌, 工牌号, 胸牌号, 条码, 编号",
    "name": "name, full name, employee name, staff name, 姓名, 名字, 员工姓名, 人员姓名, 名称",
    "metric": "metric, metric code, metric name, indicator, kpi, measure, "
    "指标, 指标名称, 指标编码, 指标代码, 考核指标, 考核项, 考核项目",
    "date": "date, day, period, month, quarter, year, cycle, time, review period, "
    "日期, 时间, 期间, 周期, 月份, 月度, 年月, 季度, 年度, 年份, "
    "考核周期, 考核期间, 考核月份, 统计日期",
    "value": "value, number, amount, quantity, result value, actual, actual value, count, "
    "值, 数值, 数量, 金额, 实际值, 完成值, 实际完成, 完成数",
    "target": "target, target value, goal, plan, objective, "
    "目标, 目标值, 计划, 计划值, 指标值, 任务, 任务量",
    "weight": "samples, sample, number of answers, 样本, 样本数, 样本量, 评价数",
    "external_id": "id, external id, outside id, row id, key, reference, order number, order no, "
    "serial number, 编码, 流水号, 外部编号, 外部id, 单号, 订单号, 记录号, 唯一标识",
    "description": "description, note, notes, remark, remarks, comment, comments, text, "
    "说明, 备注, 描述, 摘要, 内容",
    "total": "total, score, total score, result, points, final score, "
    "总分, 得分, 分数, 成绩, 考核得分, 考核总分, 绩效得分, 绩效总分, 综合得分, 最终得分, 结果",
    "grade": "grade, rating, level, 等级, 评级, 绩效等级, 考核等级, 级别, 档次",
    "rank": "rank, place, ranking, position in ranking, 排名, 名次, 排行",
    "rank_count": "rank of, people ranked, out of, participants, 参与人数, 排名人数, 总人数, 人数",
    "comment": "comment, comments, manager comment, managers comment, evaluation, feedback, "
    "remark, 评语, 评价, 上级评语, 主管评语, 考核评语, 备注, 意见",
}


def fold(text):
    """A header or a name without what people write in different ways.

    Width, case, spaces, signs and what stands in brackets are left out: ``Work E-mail (必填)`` and
    ``work email`` are one.
    """
    plain = unicodedata.normalize("NFKC", str(text)).lower()
    outside = re.sub(r"[(\[【][^)\]】]*[)\]】]", "", plain)
    return re.sub(r"[\W_]+", "", outside) or re.sub(r"[\W_]+", "", plain)


def clean_key(text):
    """An e-mail, a number or a name as it is compared: without odd widths, spaces and case, and
    without the invisible signs that come along when it is copied from a page."""
    visible = "".join(sign for sign in str(text) if unicodedata.category(sign) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", visible).split()).lower()


_FOLDED = {role: frozenset(map(fold, words.split(","))) for role, words in WORDS.items()}


def guess_role(header, roles):
    """The first of ``roles`` which the header names, or None.

    :param roles: keys of :data:`WORDS`, in the order in which they are tried
    """
    folded = fold(header)
    return next((role for role in roles if folded and folded in _FOLDED.get(role, ())), None)
